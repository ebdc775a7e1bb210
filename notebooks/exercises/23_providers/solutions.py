"""Solutions to the exercises of 23_providers."""

import json


def add_usages(usages):
    known = [usage for usage in usages if usage is not None]
    cached = sum(
        (one.get("prompt_tokens_details") or {}).get("cached_tokens") or 0 for one in known
    )
    return {
        "input": sum(one["prompt_tokens"] for one in known) - cached,
        "cached": cached,
        "output": sum(one["completion_tokens"] for one in known),
        "unknown": len(usages) - len(known),
    }


def first_json(text):
    start = text.find("{")
    while start >= 0:
        try:
            return json.JSONDecoder().raw_decode(text, start)[0]
        except ValueError:
            start = text.find("{", start + 1)
    return None
