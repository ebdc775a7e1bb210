"""The checks of 23_providers reject the wrong answers that people give, in words; and what the
lesson says of the small model is in its recording.
"""

import json

import pytest
from openai import AsyncOpenAI

from mas_helpers import Agent, connect, run, trace
from mas_helpers.agents import ChatAgent, parse_until_valid
from mas_helpers.bench import recordings


def twice(usages):
    known = [usage for usage in usages if usage]
    details = [usage.get("prompt_tokens_details") or {} for usage in known]
    return {
        "input": sum(usage["prompt_tokens"] for usage in known),
        "cached": sum(one.get("cached_tokens") or 0 for one in details),
        "output": sum(usage["completion_tokens"] for usage in known),
        "unknown": len(usages) - len(known),
    }


def needs_details(usages):
    cached = sum(usage["prompt_tokens_details"]["cached_tokens"] for usage in usages)
    total = sum(usage["prompt_tokens"] for usage in usages)
    output = sum(usage["completion_tokens"] for usage in usages)
    return {"input": total - cached, "cached": cached, "output": output, "unknown": 0}


def three_keys(usages):
    return {"input": 0, "cached": 0, "output": 0}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (twice, "take them out of the input"),
        (needs_details, "KeyError"),
        (three_keys, "Four keys, always"),
    ],
)
def test_usages_that_are_added_wrongly(graded, answer, said):
    result = graded("23_providers", "add_usages", answer)
    assert result.passed is False and said in str(result)


def to_the_last_brace(text):
    try:
        return json.loads(text[text.find("{") : text.rfind("}") + 1])
    except ValueError:
        return None


def in_python(text):
    try:
        return eval(text[text.find("{") :])
    except Exception:
        return None


def a_list_will_do(text):
    starts = [text.find(one) for one in "[{" if one in text]
    try:
        return json.JSONDecoder().raw_decode(text, min(starts, default=0))[0]
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (to_the_last_brace, "not at the last brace"),
        (in_python, "words before and after it"),
        (a_list_will_do, "A brace that begins no JSON is a word"),
    ],
)
def test_json_that_is_found_wrongly(graded, answer, said):
    result = graded("23_providers", "first_json", answer)
    assert result.passed is False and said in str(result)


def test_the_small_model_was_recorded_through_both_of_its_doors(home):
    kept = recordings.load(home / "notebooks" / "recordings" / "23_small_model.yaml")
    assert kept.source == "127.0.0.1"
    paths = {exchange.request["path"] for exchange in kept.exchanges}
    assert paths == {"/v1/messages", "/v1/chat/completions"}
    models = {exchange.reply.body["model"] for exchange in kept.exchanges}
    assert models == {"SmolLM2-135M-Instruct"}


def test_what_the_lesson_says_of_the_small_model_is_what_was_recorded(home, monkeypatch):
    monkeypatch.syspath_prepend(home / "notebooks")
    from bakery import CLERK, ORDERS, Order, is_right, result_of

    model, folder = "SmolLM2-135M-Instruct", home / "notebooks" / "recordings"
    kept = {"mode": "replay", "strict": True, "folder": folder}
    first = Agent("clerk", model, CLERK, max_tokens=200, client=connect("23_small_model", **kept))
    other = ChatAgent(
        "clerk",
        model,
        CLERK,
        max_tokens=200,
        client=connect("23_small_model", client_class=AsyncOpenAI, **kept),
    )

    def taken(clerk):
        return {text: run(result_of(clerk.parse(text, Order))) for text in ORDERS}

    assert sum(isinstance(one, Order) for one in taken(first).values()) == 3
    orders = taken(other)
    assert all(isinstance(one, Order) for one in orders.values())
    assert [text for text in orders if is_right(orders[text], text)] == [list(ORDERS)[1]]
    tried = {}
    for text in ORDERS:
        with trace() as t:
            came = run(result_of(parse_until_valid(first, text, Order)))
        tried[text] = len(t.calls), isinstance(came, Order)
    failed_once = [came for calls, came in tried.values() if calls > 1]
    assert failed_once == [False] * 4
    assert sum(calls for calls, _ in tried.values()) == len(ORDERS) + 7
