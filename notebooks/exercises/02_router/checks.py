"""The checks of 02_router: which words get in, how often the router is asked, and where requests
end up.
"""

import inspect
import json
from typing import Literal

from pydantic import BaseModel

from mas_helpers import (
    HAIKU,
    Agent,
    ReplyEmpty,
    ReplyMalformed,
    ReplyRefused,
    ReplyTruncated,
    fake_client,
    route,
    run,
)
from mas_helpers.course.exercises import Failed, Line, expect, expect_async

CUT = {"content": [{"type": "text", "text": '{"categ'}], "stop_reason": "max_tokens"}
REFUSED = {"stop_reason": "refusal"}
EMPTY = {"stop_reason": "end_turn"}
OVERLOADED = {"status": 529, "error": {"type": "overloaded_error", "message": "Overloaded"}}
BILLING, NONSENSE = '{"category": "billing"}', "About money, I think."
WORDS = ["billing", "booking", "repair", "other", "lost_property"]


TEA, COFFEE = '{"category": "tea"}', '{"category": "coffee"}'


class Drink(BaseModel):
    """A kind that no lesson has: whoever parses into the lesson's own type is found out."""

    category: Literal["tea", "coffee"]


def check_WiderTopic(WiderTopic):
    """Five words get in and no other, the API is told so, and each request reaches who is there for
    it.
    """
    if not (inspect.isclass(WiderTopic) and issubclass(WiderTopic, BaseModel)):
        raise Failed(
            "what WiderTopic is",
            WiderTopic,
            "a class that inherits from BaseModel",
            "class WiderTopic(BaseModel): …",
        )
    fields = list(WiderTopic.model_fields)
    expect(
        "the fields of the type",
        fields,
        ["category"],
        "`route` reads `.category`; it needs no other field.",
    )
    for word in WORDS:
        hint = "The four old words stay as they are; the new one is written as the dict has it."
        expect(
            f"the router says {word!r}: who answers",
            _answers(WiderTopic, word),
            _there_for(word),
            hint,
        )
    for word in ["weather", "lost property", "Billing"]:
        hint = (
            f"{word!r} got in, and nobody is told. A Literal lets in only the words that it lists."
        )
        expect(
            f"the router says {word!r}: who answers",
            _answers(WiderTopic, word),
            "desk, after a ReplyError",
            hint,
        )
    reply = _played(lambda router: router.parse("A scarf.", WiderTopic), ["{}"])[0]
    expect(
        "the router names no category: what got out",
        reply,
        ReplyMalformed,
        "The category has no default.",
    )
    hint = (
        "A list of words becomes an enum in the schema; "
        '`str` does not: category: Literal["billing", …].'
    )
    expect("the words that the API is told", sorted(_enum(WiderTopic)), sorted(WORDS), hint)
    return "5 words get in, each to its agent; 4 others and a missing one do not"


def check_category_of(category_of):
    """One call when the first reply can be read, two when it is malformed, and nothing else is
    asked again.
    """
    expect_async(category_of)

    def played(replies):
        return _played(lambda router: category_of("Something hot, please.", router, Drink), replies)

    got, calls = played([TEA, COFFEE])
    expect(
        "a first reply that can be read: calls",
        calls,
        1,
        "Ask again only after ReplyMalformed. Do you parse into `kind`?",
    )
    expect(
        "a first reply that can be read: what came back",
        got,
        "tea",
        "The word: `.category` of the object.",
    )
    got, calls = played([NONSENSE, COFFEE, TEA])
    expect("a malformed reply: calls", calls, 2, "Catch ReplyMalformed, and ask once more.")
    expect("a malformed reply: what came back", got, "coffee", "The category of the second reply.")
    got, calls = played([NONSENSE, '{"category": "weather"}', COFFEE])
    expect("two malformed replies: calls", calls, 2, "Two at most: do not loop.")
    hint = "None, '' or 'other' would pass for what the router said. Do not catch the second one."
    expect("two malformed replies: what got out", got, ReplyMalformed, hint)
    for what, reply, error in [
        ("a refusal", REFUSED, ReplyRefused),
        ("a cut reply", CUT, ReplyTruncated),
        ("an empty reply", EMPTY, ReplyEmpty),
    ]:
        got, calls = played([reply, TEA])
        expect(f"{what}: calls", calls, 1, "Catch ReplyMalformed alone, not every ReplyError.")
        expect(f"{what}: what got out", got, error, "Let it out: `route` says it to the caller.")
    got, calls = played([OVERLOADED, TEA])
    expect("an API error: calls", calls, 1, "Catch ReplyMalformed alone, not Exception.")
    expect(
        "an API error: what got out",
        getattr(got, "__name__", got),
        "OverloadedError",
        "Let it out.",
    )
    got, calls = played([NONSENSE, REFUSED, TEA])
    expect("malformed, then a refusal: calls", calls, 2, "The second reply is the last.")
    expect(
        "malformed, then a refusal: what got out",
        got,
        ReplyRefused,
        "Let the second error out, whatever it is.",
    )
    return "1 call when it can be read, 2 when malformed, and errors get out"


def check_landed(landed):
    """Counts of what the label says, what the desk catches, and what a wrong specialist answers."""
    if not inspect.isfunction(landed) or inspect.iscoroutinefunction(landed):
        yours = Line("async def landed") if inspect.iscoroutinefunction(landed) else landed
        raise Failed(
            "what landed is",
            yours,
            Line("def landed"),
            "Begin it with `def`; nothing is awaited here.",
        )
    there = {"billing": None, "booking": None, "repair": None}
    cases = [
        (
            "one right",
            [("billing", "billing")],
            (1, 0, 0),
            "Equal words are right. Return a dict with all three keys, 0 where there is none.",
        ),
        (
            "one sorted as 'other'",
            [("booking", "other")],
            (0, 1, 0),
            "Nobody is there for 'other': the desk has it.",
        ),
        (
            "money, sorted as 'repair'",
            [("billing", "repair")],
            (0, 0, 1),
            "Somebody is there, and it is not the one.",
        ),
        (
            "'other', sorted as 'other'",
            [("other", "other")],
            (1, 0, 0),
            "Compare with the label first.",
        ),
        (
            "'other', sorted as 'repair'",
            [("other", "repair")],
            (0, 0, 1),
            "The desk never sees it.",
        ),
        (
            "the router failed",
            [("repair", "failed")],
            (0, 1, 0),
            "'failed' is no specialist: the desk has it.",
        ),
        ("no pairs", [], (0, 0, 0), "All three keys are always there, with 0."),
        (
            "the same pair three times",
            [("billing", "repair")] * 3,
            (0, 0, 3),
            "Pairs may repeat: no set, no dict.",
        ),
    ]
    for case, pairs, expected, hint in cases:
        expect(f"{case}: {pairs}", landed(pairs, there), _counts(*expected), hint)
    pairs, hint = (
        [("billing", "repair")],
        "Who is there is in `specialists`; it may be another dict.",
    )
    expect("nobody is there for 'repair'", landed(pairs, {"billing": None}), _counts(0, 1, 0), hint)
    return "right, desk and wrong specialist, each counted apart"


def _counts(right, desk, wrong):
    return {"right": right, "desk": desk, "wrong specialist": wrong}


def _there_for(word):
    return "desk" if word == "other" else word


def _answers(kind, word):
    """Who answers when the router says this word: the specialist's name, `desk`, or `desk, after a
    ReplyError`.
    """
    client = fake_client(
        lambda body: json.dumps({"category": word}) if body["system"] == "router" else "An answer."
    )
    agents = {name: Agent(name, HAIKU, name, client=client) for name in ["router", "desk", *WORDS]}
    there = {name: agents[name] for name in WORDS if name != "other"}
    routed = run(
        route("A request.", agents["router"], kind, there, agents["desk"]), clock="virtual"
    )
    return routed.agent if routed.category == word else f"{routed.agent}, after a ReplyError"


def _enum(kind):
    """The words of the first enum in the schema that the API is sent."""
    sent = []

    def answer(body):
        sent.append(body["output_config"]["format"]["schema"])
        return BILLING

    run(
        Agent("router", HAIKU, "Sort.", client=fake_client(answer)).parse("A request.", kind),
        clock="virtual",
    )
    field = sent[0]["properties"]["category"]
    return sent[0].get("$defs", {}).get(field.get("$ref", "").split("/")[-1], field).get("enum", [])


def _played(ask, replies):
    """What came back from `ask(router)` (or the class of what it raised), and how many calls were
    made.
    """
    calls = []

    def answer(body):
        calls.append(body)
        if len(calls) > len(replies):
            raise AssertionError("it went on asking")
        return replies[len(calls) - 1]

    router = Agent("router", HAIKU, "Sort.", client=fake_client(answer, max_retries=0))
    try:
        return run(ask(router), clock="virtual"), len(calls)
    except (NameError, TypeError, AttributeError, RuntimeError):
        raise  # a slip in the code, which is said with its line
    except Exception as error:
        return type(error), len(calls)
