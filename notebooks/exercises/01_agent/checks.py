"""The checks of 01_agent: which calls are made, in what order, and which errors propagate when a
reply is no answer.
"""

import inspect
import json

from anthropic import AnthropicError
from pydantic import BaseModel, ValidationError

from mas_helpers import HAIKU, OPUS, SONNET, Agent, ReplyError, fake_client, run
from mas_helpers.course.exercises import Failed, Line, call_async, expect

CUT = {"content": [{"type": "text", "text": "Half an ans"}], "stop_reason": "max_tokens"}
REFUSED = {"stop_reason": "refusal"}
EMPTY = {"stop_reason": "end_turn"}
OVERLOADED = {"status": 529, "error": {"type": "overloaded_error", "message": "Overloaded"}}
WRONG_KEY = {"status": 401, "error": {"type": "authentication_error", "message": "wrong key"}}
ERRORS = {
    "ReplyTruncated": CUT,
    "ReplyRefused": REFUSED,
    "ReplyEmpty": EMPTY,
    "OverloadedError": OVERLOADED,
    "AuthenticationError": WRONG_KEY,
}
IN_TWO_BLOCKS = {"content": [{"type": "text", "text": text} for text in ("with more ", "room")]}


def check_ask_again_if_cut(ask_again_if_cut):
    """One call when it is complete, two when the first is cut, no third, and nothing but a cut is
    tried again.
    """

    def played(*replies):
        return _play(lambda agent: call_async(ask_again_if_cut, agent, "A question"), replies)

    got, limits = played("complete")
    expect("a complete first reply: the limits asked for", limits, [200], "One call, with 200.")
    hint = "The text of the reply: text_of(…)."
    expect("a complete first reply: what came back", got, "complete", hint)
    got, limits = played(CUT, IN_TWO_BLOCKS)
    hint = "`reply` raises ReplyTruncated, no line after it runs: catch it, ask with 4000."
    expect("a cut first reply: the limits asked for", limits, [200, 4000], hint)
    hint = "The text of the second reply, all of it: text_of(…)."
    expect("a cut first reply: what came back", got, "with more room", hint)
    for error, reply in ERRORS.items():
        if reply is not CUT:
            got, limits = played(reply, "a second reply")
            hint = f"More room is no help here. Catch ReplyTruncated alone, not {_wider(error)}."
            expect(f"{error} at first: the limits asked for", limits, [200], hint)
            hint = "Let it propagate: the caller has to know."
            expect(f"{error} at first: what came out", got, Line(error), hint)
        got, limits = played(CUT, reply, "a third reply")
        hint = "Two calls at most: a loop has no end here."
        expect(f"cut, then {error}: the limits asked for", limits, [200, 4000], hint)
        hint = "Let the second error propagate, whatever it is: half a text is no answer."
        expect(f"cut, then {error}: what came out", got, Line(error), hint)
    return "1 call when complete, 2 when cut, and every other error propagates"


def check_CakeOrder(CakeOrder):
    """Good orders get in as they are, nonsense does not."""
    if not (inspect.isclass(CakeOrder) and issubclass(CakeOrder, BaseModel)):
        hint = "class CakeOrder(BaseModel): …"
        expected = Line("a class that inherits from BaseModel")
        raise Failed("what CakeOrder is", CakeOrder, expected, hint)
    good = {"flavour": "nut", "slices": 12, "writing": "Welcome home"}
    fields = sorted(CakeOrder.model_fields)
    expect(
        "the names of the fields", fields, sorted(good), "Spell the three names as the task does."
    )
    takes = [(good, "An order like this has to get in, as it is.")]
    takes += [(good | {"flavour": word}, _literal(word)) for word in ("lemon", "nut", "plum")]
    takes += [(good | {"slices": number}, LIMITS) for number in (1, 48, *range(2, 48))]
    takes += [(good | {"writing": None}, "`str = None` allows no null; `str | None = None` does.")]
    takes += [({"flavour": "plum", "slices": 8}, "`writing: str | None = None`.")]
    takes += [(good | {"writing": ""}, "Any text may be written on a cake, an empty one too.")]
    for order, hint in takes:
        text = json.dumps(order)
        expect(f"reading {text}", _read(CakeOrder, text), {"writing": None, **order}, hint)
    keeps_out = [(good | {"flavour": word}, A_LITERAL) for word in ("chocolate", "lemon, nut", "")]
    keeps_out += [(good | {"flavour": None}, A_LITERAL)]
    keeps_out += [(good | {"slices": number}, LEAST) for number in (0, -1, -48)]
    keeps_out += [(good | {"slices": number}, MOST) for number in (49, 50, 96, 1000)]
    keeps_out += [(good | {"slices": 2.5}, "A whole number: `int`, not `float`.")]
    keeps_out += [(good | {"slices": what}, "A number: `int`.") for what in ("a dozen", None)]
    keeps_out += [(good | {"writing": what}, WRITING) for what in (5, ["Hi"], {"line": "Hi"})]
    keeps_out += [({"slices": 12}, "A flavour has to be given: no default there.")]
    keeps_out += [({"flavour": "nut"}, "The slices have to be given: no default there.")]
    for order, hint in keeps_out:
        got = _read(CakeOrder, json.dumps(order))
        if not isinstance(got, Line):
            raise Failed(f"reading {json.dumps(order)}", got, Line("an error"), hint)
    for word in ("Nut", "nut "):  # an error, or read as "nut"
        got = _read(CakeOrder, json.dumps(good | {"flavour": word}))
        if not isinstance(got, Line) and got != good:
            raise Failed(f"the flavour {word!r}", got, Line("an error"), A_LITERAL)
    return f"{len(takes)} orders got in, {len(keeps_out)} were kept out"


A_LITERAL = "A Literal allows only what it lists."
LIMITS = "From 1 to 48, both included: Field(ge=1, le=48). `gt` and `lt` leave the ends out."
LEAST, MOST = "Field(ge=1, …) sets the least.", "Field(…, le=48) sets the most."
WRITING = "`writing` is a text or None: `str | None`."


def _literal(word):
    return f'Is "{word}" in the Literal, spelled like this?'


def check_cheapest_answer(cheapest_answer):
    """The agents are asked in the order given, until one has a complete answer."""

    def played(*replies, models=(HAIKU, SONNET, OPUS)):
        return _cascade(cheapest_answer, replies, models)

    got, asked = played("small", "middle", "large")
    hint = "Return at once: each call costs money."
    expect("the first has an answer: who was asked", asked, ["first"], hint)
    hint = "`await agent.run(prompt)` gives the text."
    expect("the first has an answer: what came back", got, "small", hint)
    for failure in (CUT, REFUSED, EMPTY):
        got, asked = played(failure, "middle", "large")
        what = _name(failure)
        expect(f"the first: {what}: who was asked", asked, ["first", "second"], PASSED_OVER)
        expect(f"the first: {what}: what came back", got, "middle", "The second one's text.")
    got, asked = played(CUT, REFUSED, IN_TWO_BLOCKS, models=(OPUS, HAIKU, SONNET))
    hint = "In the order given, whatever their models cost, one after the other and each once."
    expect("two fail: who was asked", asked, ["first", "second", "third"], hint)
    expect("two fail: what came back", got, "with more room", "The text of the third one's reply.")
    for last in (EMPTY, CUT, REFUSED):
        got, asked = played(REFUSED if last is CUT else CUT, EMPTY, last)
        hint = "Each agent is asked once, the last one too."
        expect("all fail: who was asked", asked, ["first", "second", "third"], hint)
        hint = "None or '' would pass for an answer. Raise the ReplyError of the last agent."
        expect("all fail: what came out", got, Line(f"{_name(last)} of third"), hint)
    got, asked = played(REFUSED, models=(SONNET,))
    expect("one agent, which fails: what came out", got, Line("ReplyRefused of first"), hint)
    for failure in (WRONG_KEY, OVERLOADED):
        what = _name(failure)
        hint = "Only a ReplyError is passed over; Exception, or APIError, catches too much."
        got, asked = played(failure, "middle", "large")
        expect(f"the first: {what}: who was asked", asked, ["first"], hint)
        expect(f"the first: {what}: what came out", got, Line(what), hint)
        got, asked = played(CUT, failure, "large")
        expect(f"cut, then {what}: who was asked", asked, ["first", "second"], hint)
        expect(f"cut, then {what}: what came out", got, Line(what), hint)
    return "asked in order, stopped at the first complete answer; other errors propagate"


PASSED_OVER = "Catch ReplyError: it covers cut, refused and empty replies."


def _name(reply):
    return next(name for name, played in ERRORS.items() if played is reply)


def _wider(error):
    return "every ReplyError" if error.startswith("Reply") else "errors of the API"


def _play(answer, replies):
    """What came back from `answer(agent)`, or the name of the error that came out, and the limits
    asked for. Raises Failed where a request is not the agent's.
    """
    bodies, left = [], list(replies)

    def reply(body):
        bodies.append(body)
        return left.pop(0) if left else EMPTY

    agent = Agent("learner", HAIKU, "Answer.", client=_client(reply), max_tokens=1000)
    got = _come_out(answer(agent))
    for body in bodies:
        _compare_request(body, agent, "A question")
    return _only_error(got), [body.get("max_tokens") for body in bodies]


def _cascade(cheapest_answer, replies, models):
    """What came back, or the error that came out and its agent's name; and who was asked."""
    names = ("first", "second", "third")[: len(models)]
    played, bodies = dict(zip(names, replies, strict=True)), []

    def reply(body):
        bodies.append(body)
        return played[body["system"]] if body.get("system") in played else EMPTY

    client = _client(reply)
    agents = [
        Agent(name, model, name, client=client, max_tokens=700)
        for name, model in zip(names, models, strict=True)
    ]
    got = _come_out(call_async(cheapest_answer, agents, "A question"))
    by_name = {agent.system: agent for agent in agents}
    for body in bodies:
        agent = by_name.get(body.get("system"), agents[0])
        _compare_request(body | {"max_tokens": body.get("max_tokens")}, agent, "A question")
        hint = "Each agent asks with its own settings: `await agent.run(prompt)`."
        expect("max_tokens of a request", body.get("max_tokens"), agent.max_tokens, hint)
    return got, [body["system"] for body in bodies]


def _compare_request(body, agent, prompt):
    """The request is what the agent sends for the prompt; its max_tokens may differ."""
    hint = "Ask through the agent, which sends its own system prompt and model."
    expect("the system prompt of a request", body.get("system"), agent.system, hint)
    expect("the model of a request", body.get("model"), agent.model, hint)
    hint = "Send the prompt as it is, each time."
    sent = [(message["role"], message["content"]) for message in body["messages"]]
    expect("the messages of a request", sent, [("user", prompt)], hint)


def _client(reply):
    return fake_client(reply, max_retries=0)


def _come_out(coroutine):
    """What it returned, or the name of the API's error that it raised, with the agent's; a mistake
    of another kind is shown as it is.
    """
    try:
        return run(coroutine, clock="virtual")
    except ReplyError as error:
        return Line(f"{type(error).__name__} of {error.agent}")
    except AnthropicError as error:
        return Line(type(error).__name__)


def _only_error(got):
    return Line(got.removesuffix(" of learner")) if isinstance(got, Line) else got


def _read(output_type, text):
    """The order as JSON has it, or a Line with the first error."""
    try:
        return output_type.model_validate_json(text).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        return Line(f"an error: {'.'.join(map(str, first['loc']))}: {first['msg']}")
