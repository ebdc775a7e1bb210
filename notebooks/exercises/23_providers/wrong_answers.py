"""Tempting wrong answers to the exercises of 23_providers, and what to ask back."""

import json


def add_usages(usages):
    """It adds the two numbers as the Messages API means them. There, the input leaves out what came
    from a cache; here it includes it, so those tokens are counted twice.

    Ask back: how many tokens did the model read, if 1,000 of 1,200 came from a cache?
    """
    known = [usage for usage in usages if usage is not None]
    details = [one.get("prompt_tokens_details") or {} for one in known]
    return {
        "input": sum(one["prompt_tokens"] for one in known),
        "cached": sum(one.get("cached_tokens") or 0 for one in details),
        "output": sum(one["completion_tokens"] for one in known),
        "unknown": len(usages) - len(known),
    }


def first_json(text):
    """It cuts from the first brace to the last. That holds as long as the text has one object and
    no other brace; with two, what is between them is no JSON.

    Ask back: a model writes an object, and explains it below with another. What do you cut out?
    """
    start, end = text.find("{"), text.rfind("}")
    try:
        return json.loads(text[start : end + 1])
    except ValueError:
        return None
