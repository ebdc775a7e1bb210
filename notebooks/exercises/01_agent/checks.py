"""The checks of 01_agent: which calls are made, in what order, and what gets out when a reply is no
answer.
"""

import inspect

from anthropic import AnthropicError
from pydantic import BaseModel, ValidationError

from mas_helpers import (
    HAIKU,
    OPUS,
    SONNET,
    Agent,
    ReplyEmpty,
    ReplyError,
    ReplyRefused,
    ReplyTruncated,
    fake_client,
    run,
)
from mas_helpers.course.exercises import Failed, expect, expect_async

CUT = {"content": [{"type": "text", "text": "Half an ans"}], "stop_reason": "max_tokens"}
REFUSED = {"stop_reason": "refusal"}
EMPTY = {"stop_reason": "end_turn"}


def check_ask_again_if_cut(ask_again_if_cut):
    """One call when it is whole, two when the first is cut, no third, and nothing but a cut is
    tried again.
    """
    expect_async(ask_again_if_cut)
    got, asked = _played(ask_again_if_cut, ["whole"])
    expect(
        "a whole first reply: the limits asked for", asked, [200], "One call, with max_tokens=200."
    )
    expect(
        "a whole first reply: what came back", got, "whole", "The text of the reply: text_of(…)."
    )
    got, asked = _played(ask_again_if_cut, [CUT, "with more room"])
    expect(
        "a cut first reply: the limits asked for",
        asked,
        [200, 4000],
        "Catch ReplyTruncated, ask again with 4000.",
    )
    expect(
        "a cut first reply: what came back", got, "with more room", "The text of the second reply."
    )
    got, asked = _played(ask_again_if_cut, [CUT, CUT, "a third reply"])
    expect(
        "two cut replies: the limits asked for",
        asked,
        [200, 4000],
        "Two tries at most: a loop has no end here.",
    )
    expect(
        "two cut replies: what got out",
        got,
        ReplyTruncated,
        "Do not catch the second one; an answer it is not.",
    )
    got, asked = _played(ask_again_if_cut, [REFUSED, "persuaded"])
    expect(
        "a refusal: the limits asked for",
        asked,
        [200],
        "Catch ReplyTruncated alone, not every ReplyError.",
    )
    expect("a refusal: what got out", got, ReplyRefused, "Let it out: the caller must know.")
    return "1 call when whole, 2 when cut, and errors get out"


def check_CakeOrder(CakeOrder):
    """Good orders get in as they are, nonsense does not."""
    if not (inspect.isclass(CakeOrder) and issubclass(CakeOrder, BaseModel)):
        hint = "class CakeOrder(BaseModel): …"
        raise Failed("what CakeOrder is", CakeOrder, "a class that inherits from BaseModel", hint)
    good = '{"flavour": "nut", "slices": 12, "writing": "Welcome home"}'
    expected = {"flavour": "nut", "slices": 12, "writing": "Welcome home"}
    hint = "The fields are flavour, slices and writing, spelled so."
    expect(f"reading {good}", _read(CakeOrder, good), expected, hint)
    plain = '{"flavour": "plum", "slices": 48}'
    expected = {"flavour": "plum", "slices": 48, "writing": None}
    got = _read(CakeOrder, plain)
    of_slices = str(got).startswith("an error") and "slices" in str(got)
    hint = (
        "48 is allowed: le=48 lets it in, lt=48 does not."
        if of_slices
        else "`writing: str | None = None`."
    )
    expect(f"reading {plain}", got, expected, hint)
    null = '{"flavour": "plum", "slices": 1, "writing": null}'
    expected = {"flavour": "plum", "slices": 1, "writing": None}
    expect(
        f"reading {null}",
        _read(CakeOrder, null),
        expected,
        "`str = None` allows no null; `str | None = None` does.",
    )
    bad = {
        '{"flavour": "chocolate", "slices": 12}': "A Literal allows only what it lists.",
        '{"flavour": "nut", "slices": 0}': "Field(ge=1, …) sets the least.",
        '{"flavour": "nut", "slices": 49}': "Field(le=48, …) sets the most.",
        '{"flavour": "nut", "slices": 2.5}': "A whole number: int, not float.",
        '{"flavour": "nut", "slices": 8, "writing": 5}': "`writing` is a text or None.",
        '{"slices": 12}': "A flavour must be given: no default there.",
        '{"flavour": "nut"}': "The slices must be given: no default there.",
    }
    for text, hint in bad.items():
        got = _read(CakeOrder, text)
        if not str(got).startswith("an error"):
            raise Failed(f"reading {text}", got, "an error", hint)
    return "3 orders got in, 7 were kept out"


def check_cheapest_answer(cheapest_answer):
    """The agents are asked in the order given, until one has a whole answer."""
    expect_async(cheapest_answer)
    got, asked = _cascade(cheapest_answer, {HAIKU: "small but whole", SONNET: "…", OPUS: "…"})
    expect(
        "the first has an answer: who was asked",
        asked,
        [HAIKU],
        "Return at once: each call is paid.",
    )
    expect(
        "the first has an answer: what came back",
        got,
        "small but whole",
        "await agent.run(prompt) gives the text.",
    )
    got, asked = _cascade(cheapest_answer, {HAIKU: CUT, SONNET: REFUSED, OPUS: "large"})
    expect(
        "two fail: who was asked",
        asked,
        [HAIKU, SONNET, OPUS],
        "In the order given, one after the other.",
    )
    expect("two fail: what came back", got, "large", "ReplyError covers cut, refused and empty.")
    got, asked = _cascade(cheapest_answer, {HAIKU: REFUSED, SONNET: CUT, OPUS: EMPTY})
    hint = "None or '' would pass for an answer. Raise the last agent's ReplyError."
    expect("all fail: what got out", got, ReplyEmpty, hint)
    got, asked = _cascade(
        cheapest_answer, {HAIKU: {"status": 401, "error": {"type": "x"}}, SONNET: "…", OPUS: "…"}
    )
    hint = "A wrong key fails for every agent. Catch ReplyError, not Exception."
    expect("a wrong key: who was asked", asked, [HAIKU], hint)
    expect("a wrong key: what got out", getattr(got, "__name__", got), "AuthenticationError", hint)
    return "asked in order, stopped at the first whole answer, errors get out"


def _played(function, replies):
    """What the learner's function returned (or the class of what it raised), and the limits that it
    asked for.
    """
    asked, left = [], list(replies)

    def answer(body):
        asked.append(body["max_tokens"])
        if not left:
            return EMPTY
        return left.pop(0)

    client = fake_client(answer, max_retries=0)
    return _outcome(
        function(Agent("learner", HAIKU, "Answer.", client=client), "A question")
    ), asked


def _cascade(function, replies):
    asked = []

    def answer(body):
        asked.append(body["model"])
        return replies[body["model"]]

    client = fake_client(answer, max_retries=0)
    agents = [Agent(f"on {model}", model, "Answer.", client=client) for model in replies]
    return _outcome(function(agents, "A question")), asked


def _outcome(coroutine):
    """What it returned, or the class of the API's error that got out; a mistake of another kind is
    shown as it is.
    """
    try:
        return run(coroutine, clock="virtual")
    except (ReplyError, AnthropicError) as error:
        return type(error)


def _read(kind, text):
    try:
        return kind.model_validate_json(text).model_dump()
    except ValidationError as error:
        first = error.errors()[0]
        return f"an error: {'.'.join(map(str, first['loc']))}: {first['msg']}"
