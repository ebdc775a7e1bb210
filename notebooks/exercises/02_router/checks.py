"""The checks of 02_router: which words get in, how often the router is asked, and where requests
end up.
"""

import inspect
import itertools
import json
import random
from typing import Literal

from anthropic import AnthropicError
from pydantic import BaseModel

from mas_helpers import HAIKU, Agent, ReplyError, fake_client, route, run
from mas_helpers.course.exercises import Failed, Line, call_async, call_plain, expect

CUT = {"content": [{"type": "text", "text": '{"categ'}], "stop_reason": "max_tokens"}
REFUSED = {"stop_reason": "refusal"}
EMPTY = {"stop_reason": "end_turn"}
OVERLOADED = {"status": 529, "error": {"type": "overloaded_error", "message": "Overloaded"}}
ERRORS = {
    "ReplyRefused": REFUSED,
    "ReplyTruncated": CUT,
    "ReplyEmpty": EMPTY,
    "OverloadedError": OVERLOADED,
}
MALFORMED = ["About money, I think.", '{"category": "weather"}', '{"drink": "tea"}']
TEA, COFFEE = '{"category": "tea"}', '{"category": "coffee"}'
WORDS = ["billing", "booking", "repair", "other", "lost_property"]
OTHERS = ["weather", "lost property", "Billing", "lost-property", "lost_property ", ""]


class Drink(BaseModel):
    """A type that no lesson has, so that an answer has to use the one that it is given."""

    category: Literal["tea", "coffee"]


def check_WiderTopic(WiderTopic):
    """Five words get in and no other, the API is told so, and each request reaches its agent."""
    if not (inspect.isclass(WiderTopic) and issubclass(WiderTopic, BaseModel)):
        hint = "class WiderTopic(BaseModel): …"
        expected = Line("a class that inherits from BaseModel")
        raise Failed("what WiderTopic is", WiderTopic, expected, hint)
    fields = list(WiderTopic.model_fields)
    hint = "`route` reads `.category`; it needs no other field."
    expect("the fields of the type", fields, ["category"], hint)
    for word in WORDS:
        hint = "The four old words stay as they are; the new one is written as the dict has it."
        if _answers(WiderTopic, word) == "desk":
            hint = "The category has to be a text: only a text is a key of the dict."
        case = f"the router says {word!r}: who answers"
        expect(case, _answers(WiderTopic, word), _there_for(word), hint)
    for word in OTHERS:
        hint = f"{word!r} gets in, and nobody is told. A Literal allows only the words it lists."
        case = f"the router says {word!r}: who answers"
        expect(case, _answers(WiderTopic, word), Line("desk, after a ReplyError"), hint)
    got, _ = _play(lambda router: router.parse("A scarf.", WiderTopic), "A scarf.", ["{}"])
    hint = "The category has no default."
    expect("the router names no category: what came out", got, Line("ReplyMalformed"), hint)
    hint = "A Literal, or an Enum of texts, becomes a list of words in the schema; `str` does not."
    expect("the words that the API is told", sorted(_words_told(WiderTopic)), sorted(WORDS), hint)
    return f"5 words get in, each to its agent; {len(OTHERS)} others and a missing one do not"


def check_category_of(category_of):
    """One call when the first reply can be read, two when it is malformed, and nothing else is
    asked again.
    """

    def played(*replies):
        ask = lambda router: call_async(category_of, "Something hot, please.", router, Drink)  # noqa: E731
        return _play(ask, "Something hot, please.", replies)

    got, calls = played(TEA, COFFEE)
    hint = "Ask again only after ReplyMalformed. Do you parse into the type that is handed in?"
    expect("a first reply that can be read: calls", calls, 1, hint)
    hint = "The word alone: `.category` of what `parse` returns."
    expect("a first reply that can be read: what came back", got, "tea", hint)
    for malformed in MALFORMED:
        got, calls = played(malformed, COFFEE, TEA)
        case = f"the router says {malformed}, then coffee"
        expect(f"{case}: calls", calls, 2, "Catch ReplyMalformed, and ask once more.")
        expect(f"{case}: what came back", got, "coffee", "The category of the second reply.")
        got, calls = played(malformed, MALFORMED[0], COFFEE)
        case = f"the router says {malformed}, then no JSON"
        expect(f"{case}: calls", calls, 2, "Two calls at most: no loop.")
        hint = "None, '' or 'other' would pass for a word of the router's. "
        hint += "Don't catch the second error."
        expect(f"{case}: what came out", got, Line("ReplyMalformed"), hint)
    for error, reply in ERRORS.items():
        got, calls = played(reply, TEA)
        wider = "every ReplyError" if error.startswith("Reply") else "Exception or an APIError"
        expect(f"{error} at first: calls", calls, 1, f"Catch ReplyMalformed alone, not {wider}.")
        hint = "Let it propagate: the caller has to know."
        expect(f"{error} at first: what came out", got, Line(error), hint)
        got, calls = played(MALFORMED[0], reply, TEA)
        expect(f"malformed, then {error}: calls", calls, 2, "The second reply is the last.")
        hint = "Let the second error propagate, whatever it is."
        expect(f"malformed, then {error}: what came out", got, Line(error), hint)
    return "1 call when it can be read, 2 when malformed; other errors propagate"


def check_landed(landed):
    """Counts of what the label says, what the desk catches, and what a wrong specialist answers."""
    people = _agents(["billing", "booking", "repair"])
    cases = [
        ("one right", [("billing", "billing")], ONE_DICT),
        (
            "one sorted as 'other'",
            [("booking", "other")],
            "There's no specialist for 'other': the desk.",
        ),
        (
            "money, sorted as 'repair'",
            [("billing", "repair")],
            "There's a specialist for it, and it's the wrong one.",
        ),
        ("'other', sorted as 'other'", [("other", "other")], "Compare with the label first."),
        ("'other', sorted as 'repair'", [("other", "repair")], "The desk never sees it."),
        (
            "the router failed",
            [("repair", "failed")],
            "There's no specialist for 'failed': the desk.",
        ),
        ("no pairs", [], "All three keys are always there, with 0."),
        ("the same pair three times", [("billing", "repair")] * 3, "Pairs may repeat."),
    ]
    for case, pairs, hint in cases:
        _count(landed, f"{case}: {pairs}", pairs, people, hint)
    hint = "Look into `specialists`: it may be another dictionary."
    for names in (["billing"], [], ["bread", "cakes"]):
        words = [*names, "repair", "other"]
        pairs = list(itertools.product(words, words))
        _count(landed, f"{names or 'nobody'} in the dict: {pairs}", pairs, _agents(names), hint)
    words, draw = ["billing", "booking", "repair", "other", "failed"], random.Random(2)
    pairs = [(draw.choice(words[:4]), draw.choice(words)) for _ in range(60)]
    _count(landed, "60 pairs in any order", pairs, people, "Each pair counts once.")
    return "right, desk and wrong specialist, each counted apart"


ONE_DICT = "Equal words are right. Return a dict with all three keys, 0 where there is none."


def _count(landed, case, pairs, people, hint):
    given, there = list(pairs), dict(people)
    counts = {"right": 0, "desk": 0, "wrong specialist": 0}
    for label, said in pairs:
        place = "desk" if said not in people else "wrong specialist"
        counts["right" if label == said else place] += 1
    got = call_plain(landed, given, there)
    if isinstance(got, dict) and set(got) - set(counts):
        hint = "The keys are spelled as the task has them."
    elif isinstance(got, dict) and set(got) != set(counts):
        hint = "All three keys are always there, with 0 where there is none."
    expect(case, got, counts, hint)
    if given != pairs or there != people:
        yours, hint = Line("they were changed"), "The caller still needs them: only read them."
        raise Failed("the pairs and the dict afterwards", yours, Line("as they were"), hint)


def _agents(names):
    client = fake_client(lambda body: "An answer.")
    return {name: Agent(name, HAIKU, name, client=client) for name in names}


def _there_for(word):
    return Line("desk" if word == "other" else word)


def _answers(output_type, word):
    """Who answers when the router says this word: the specialist's name, `desk`, or `desk, after a
    ReplyError`.
    """
    said = json.dumps({"category": word})
    client = fake_client(lambda body: said if body["system"] == "router" else "An answer.")
    agents = {name: Agent(name, HAIKU, name, client=client) for name in ["router", "desk", *WORDS]}
    there = {name: agents[name] for name in WORDS if name != "other"}
    routed = run(
        route("A request.", agents["router"], output_type, there, agents["desk"]), clock="virtual"
    )
    return Line(routed.agent if routed.category else f"{routed.agent}, after a ReplyError")


def _words_told(output_type):
    """The words that the schema which the API is sent allows, in whichever form it lists them."""
    sent = []

    def answer(body):
        sent.append(body["output_config"]["format"]["schema"])
        return '{"category": "billing"}'

    router = Agent("router", HAIKU, "Sort.", client=fake_client(answer))
    run(router.parse("A request.", output_type), clock="virtual")
    return set(_listed(sent[0]["properties"]["category"], sent[0].get("$defs", {})))


def _listed(part, definitions):
    yield from part.get("enum", [])
    if "const" in part:
        yield part["const"]
    if "$ref" in part:
        yield from _listed(definitions[part["$ref"].split("/")[-1]], definitions)
    for inner in [*part.get("anyOf", []), *part.get("oneOf", []), *part.get("allOf", [])]:
        yield from _listed(inner, definitions)


def _play(ask, request, replies):
    """What came back from `ask(router)`, or the name of the error that came out, and how many calls
    were made. Raises Failed where a call asks something else than the request.
    """
    bodies = []

    def answer(body):
        bodies.append(body)
        return replies[len(bodies) - 1] if len(bodies) <= len(replies) else EMPTY

    router = Agent("router", HAIKU, "Sort.", client=fake_client(answer, max_retries=0))
    try:
        got = run(ask(router), clock="virtual")
    except (ReplyError, AnthropicError) as error:
        got = Line(type(error).__name__)
    for body in bodies:
        hint = "Ask the router with the request as it is, each time."
        asked = [message["content"] for message in body["messages"]]
        expect("what the router is asked", asked, [request], hint)
        hint = "`await router.parse(request, …)` sends the schema and the router's own prompt."
        expect("a schema is sent with the request", "output_config" in body, True, hint)
        expect("the system prompt of the request", body.get("system"), router.system, hint)
    return got, len(bodies)
