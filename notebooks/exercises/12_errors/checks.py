"""The checks of 12_errors: who is asked, how often and when."""

import asyncio
from dataclasses import FrozenInstanceError

from anthropic import AnthropicError

from mas_helpers import HAIKU, SONNET, Agent, Fault, ReplyError, fake_client, run, trace
from mas_helpers.course.exercises import Failed, Line, call_async, expect

SECONDS = {SONNET: 4.0, HAIKU: 2.0}
PROMPT = "Is the path open?"
LONG = 10_000  # seconds; the longest answer of all waits 600
AS_THEY_ARE = "Leave the agent and its client as they are: with_options gives you another client."
# what a header gives that is a text, or not there
SLIPS = (TypeError, ValueError, KeyError, AttributeError)


def check_answer_or_fallback(answer_or_fallback):
    """Who is asked with how many requests, in how many seconds, and which errors propagate."""

    def ask(case, *faults, requests, gets, hint, model=SONNET, retries=2, status=None):
        cast = Cast(faults, {"large": model, "small": HAIKU}, retries=retries, status=status)
        got = cast.ask(answer_or_fallback, *cast.agents)
        expect(f"{case}: requests", got.requests, requests, hint)
        wanted = Line(gets) if isinstance(gets, str) else gets
        if isinstance(gets, tuple) and got.requests == requests:
            hint = "A pair: the name of the one that answered, and its text."
        expect(f"{case}: what came back", _pair(got.given), wanted, hint)
        return got

    from_small, one_each = ("small", "from small"), [("large", 1), ("small", 1)]
    hint = "The fallback is asked only when the first one fails."
    ask("nothing fails", requests=[("large", 1)], gets=("large", "from large"), hint=hint)
    for kind, status in (("overloaded", 529), ("server_error", 500)):
        case = f"the first agent: {kind} ({status}) after 0.1 s"
        hint = "One request: replace(agent, client=agent.client.with_options(max_retries=0))."
        cast = Cast([Fault(kind, agent="large")], {"large": SONNET, "small": HAIKU})
        got = cast.ask(answer_or_fallback, *cast.agents)
        if [count for name, count in got.requests if name == "large"] not in ([], [1]):
            raise Failed(f"{case}: requests", got.requests, one_each, hint)
        hint = "Catch InternalServerError: it's the class above OverloadedError and all the 5xx."
        if got.requests == one_each:
            hint = "A pair: the name of the one that answered (here the fallback), and its text."
        expect(f"{case}: what came back", _pair(got.given), from_small, hint)
        expect(f"{case}: requests", got.requests, one_each, "Each of the two once.")
        hint = "The fallback is asked at once."
        expect(f"{case}: seconds (0.1, then 2.0)", got.seconds, 2.1, hint)
    for status in (502, 503, 504):
        hint = "Any status from 500 up: InternalServerError is the class above them all."
        case = f"the first agent: status {status}"
        ask(case, requests=one_each, gets=from_small, hint=hint, status=status)
    case = "the first is overloaded, the fallback is too, once"
    faults = [Fault("overloaded", agent="large"), Fault("overloaded", agent="small", attempts=1)]
    hint = "The fallback keeps its own client, with the retries."
    ask(case, *faults, requests=[("large", 1), ("small", 2)], gets=from_small, hint=hint)
    case = "both stay overloaded, and the fallback's client has 3 retries"
    hint = (
        "The fallback is asked once, with the retries of its own client, and its error is raised."
    )
    ask(case, Fault("overloaded"), requests=[("large", 1), ("small", 4)],
        gets="OverloadedError", hint=hint, retries=3)  # fmt: skip
    case = "the first is overloaded, the fallback refuses"
    faults = [Fault("overloaded", agent="large"), Fault("refused", agent="small")]
    ask(
        case,
        *faults,
        requests=one_each,
        gets="ReplyRefused",
        hint="The fallback's error is raised.",
    )
    for kind, name in (
        ("refused", "ReplyRefused"),
        ("truncated", "ReplyTruncated"),
        ("rate_limited", "RateLimitError"),
        ("reset", "APIConnectionError"),
        ("timeout", "APITimeoutError"),
    ):
        hint = "Only a status from 500 up asks the fallback. Catch InternalServerError alone."
        faults = [Fault(kind, agent="large")]
        ask(f"the first agent: {kind}", *faults, requests=[("large", 1)], gets=name, hint=hint)
    hint = "A mistyped model is a mistake of yours. With a fallback you'd never hear of it."
    ask("a mistyped model", requests=[("large", 1)], gets="NotFoundError", hint=hint,
        model="claude-haiku-4")  # fmt: skip
    return "one request, then the fallback with all of its own; other errors propagate"


def check_with_retry_after_cap(with_retry_after_cap):
    """How many requests at which second, for headers below, at, above the cap, and without one."""

    def ask(*faults, cap=10.0, **options):
        cast = Cast(faults, {"path": SONNET}, **options)
        return cast.ask(with_retry_after_cap, *cast.agents, cap=cap, also=SLIPS)

    got = ask()
    if isinstance(got.given, SLIPS):
        raise got.given
    hint = "`await agent.run(prompt)` gives you the text."
    expect("nothing fails: what came back", _given(got.given), "from path", hint)
    expect("nothing fails: requests", got.requests, [("path", 1)], "One.")

    twice = [("path", 1), ("path", 1)]
    for wait, cap in [(2.0, 10.0), (2.5, 10.0), (10.0, 10.0), (0.0, 10.0), (40.0, 60.0)]:
        case = f"429, retry-after: {wait:g}, cap {cap:g}"
        got = ask(Fault("rate_limited", call=1, seconds=wait), cap=cap)
        if any(sent > 1 for _, sent in got.requests):
            hint = "One request each time: both go through a copy of the agent with max_retries=0."
            raise Failed(f"{case}: requests", got.requests, twice, hint)
        hint = "At most `cap` means <=, and 0 s is a time, too. The header is a text: float(…)."
        expect(f"{case}: what came back", _given(got.given), "from path", hint)
        expect(f"{case}: requests", got.requests, twice, "Once more.")
        hint = "Wait for exactly what the header says: asyncio.sleep(float(…)), then ask."
        expect(f"{case}: seconds (the wait, then 4.0)", got.seconds, wait + 4.0, hint)

    for wait, cap in [(300, 10.0), (3, 2.5)]:
        case = f"429, retry-after: {wait}, cap {cap:g}"
        got = ask(Fault("rate_limited", seconds=wait), cap=cap)
        hint = "It asks for more than the cap: raise at once, without waiting."
        expect(f"{case}: seconds", got.seconds, 0.0, hint)
        hint = "If you come back earlier than told, you're turned away again."
        expect(f"{case}: requests", got.requests, [("path", 1)], hint)
        hint = "`raise` in the except block raises it again."
        expect(f"{case}: what is raised", _raised(got.given), Line("RateLimitError"), hint)

    case = "429 without the header"
    got = ask(status=429)
    hint = 'headers.get("retry-after") gives None where it isn\'t there.'
    expect(f"{case}: what is raised", _raised(got.given), Line("RateLimitError"), hint)
    both = got.requests, got.seconds
    expect(f"{case}: requests and seconds", both, ([("path", 1)], 0.0), "Raise at once.")

    case = "429 twice, retry-after: 2"
    got = ask(Fault("rate_limited", seconds=2))
    expect(f"{case}: requests", got.requests, twice, "Once more and no further.")
    hint = "The second one is raised."
    expect(f"{case}: what is raised", _raised(got.given), Line("RateLimitError"), hint)
    hint = "After the second 429 there's nothing to wait for."
    expect(f"{case}: seconds", got.seconds, 2.0, hint)

    for kind, name in (("overloaded", "OverloadedError"), ("empty", "ReplyEmpty")):
        case = f"429, retry-after: 2, and then {kind}"
        got = ask(Fault("rate_limited", call=1, seconds=2), Fault(kind, call=2))
        hint = "Whatever the second request raises is raised: it's the last one."
        expect(f"{case}: what is raised", _raised(got.given), Line(name), hint)
        expect(f"{case}: requests", got.requests, twice, hint)

    case = "overloaded (529)"
    got = ask(Fault("overloaded"))
    hint = "Catch RateLimitError alone."
    expect(f"{case}: what is raised", _raised(got.given), Line("OverloadedError"), hint)
    hint = "One request: max_retries=0. And only a 429 is asked again."
    expect(f"{case}: requests", got.requests, [("path", 1)], hint)

    case = "overloaded (529), with a retry-after of 2"
    got = ask(status=529, middleware=[_back_in_2_s])
    hint = "Catch RateLimitError alone: the header may come with other errors, and only a 429 is "
    hint += "asked again."
    expect(f"{case}: what is raised", _raised(got.given), Line("OverloadedError"), hint)
    both = got.requests, got.seconds
    expect(f"{case}: requests and seconds", both, ([("path", 1)], 0.0), hint)

    for kind, name, case in (
        ("reset", "APIConnectionError", "the connection is lost"),
        ("refused", "ReplyRefused", "the model refuses"),
    ):
        got = ask(Fault(kind))
        hint = "Catch RateLimitError alone: only that has a response with this header."
        expect(f"{case}: what is raised", _raised(got.given), Line(name), hint)
        expect(f"{case}: requests", got.requests, [("path", 1)], hint)
    return "waits as told up to the cap; beyond it, raised at once"


class Cast:
    """An agent for each name and model, each with a client of its own, which a function plays.

    Of a call it keeps what came back or was raised (`given`), `[(agent, HTTP requests), …]`, and
    the seconds.
    """

    def __init__(self, faults, models, *, retries=2, status=None, middleware=()):
        self.status, self.prompts, self.changed = status, [], False
        options = {"faults": faults, "max_retries": retries, "middleware": list(middleware)}
        self.retries = retries
        self.agents = [
            Agent(name, model, name, client=fake_client(self.answer, **options))
            for name, model in models.items()
        ]
        self.before = list(self.agents)

    def answer(self, body):
        """The model: each agent's is told its name by the system prompt."""
        self.prompts.append(body["messages"][-1]["content"])
        self.look()
        if self.status and body["system"] in ("large", "path"):
            kind = {429: "rate_limit_error", 529: "overloaded_error"}.get(self.status, "api_error")
            return {"status": self.status, "error": {"type": kind, "message": "injected"}}
        if body["model"] not in SECONDS:
            return {"status": 404, "error": {"type": "not_found_error", "message": body["model"]}}
        text = {"type": "text", "text": f"from {body['system']}"}
        return {"content": [text], "seconds": SECONDS[body["model"]]}

    def look(self):
        """Notes whether a client is another one than it was."""
        self.changed |= any(agent.client.max_retries != self.retries for agent in self.before)

    def ask(self, answer, *agents, cap=None, also=()):
        """This Cast, after `answer` was called. also: errors that count too."""
        arguments = [*agents, PROMPT] if cap is None else [*agents, PROMPT, cap]
        with trace() as t:
            try:
                self.given = run(_end(call_async(answer, *arguments)), clock="virtual")
            except FrozenInstanceError as error:
                expected = Line("a copy: replace(agent, …)")
                raise Failed("your code changes an agent", error, expected, AS_THEY_ARE) from None
            except (ReplyError, AnthropicError, ExceptionGroup, *also) as error:
                self.given = error
        self.requests = [(call.agent, len(call.attempts)) for call in t.calls]
        self.seconds = t.seconds
        self.look()
        if self.changed:
            raise Failed("the client of an agent", Line("changed"), Line("as it was"), AS_THEY_ARE)
        if other := [prompt for prompt in self.prompts if prompt != PROMPT]:
            raise Failed("what was asked", other[0], PROMPT, "Hand the prompt on as it is.")
        return self


async def _end(job):
    """What the job gives. Raises Failed where it does not end."""
    guard = asyncio.timeout(LONG)
    try:
        async with guard:
            return await job
    except TimeoutError:
        if not guard.expired():
            raise
    hint = "It asks again and again. What ends the loop?"
    raise Failed("does it end?", Line(f"still at it after {LONG} s"), Line("an end"), hint)


async def _back_in_2_s(request, call_next):
    response = await call_next(request)
    response.headers["retry-after"] = "2"
    return response


def _pair(given):
    """What came back, or the class of the error."""
    if isinstance(given, BaseException):
        return Line(_names(given))
    return tuple(given) if isinstance(given, list | tuple) else given


def _given(given):
    """What came back; of an error, its class, and of a slip what it says too."""
    if isinstance(given, SLIPS):
        return Line(f"{type(given).__name__}: {given}")
    return Line(_names(given)) if isinstance(given, BaseException) else given


def _raised(given):
    return _given(given) if isinstance(given, BaseException) else Line(f"no error, but {given!r}")


def _names(error):
    """The class of an error, or those in a group."""
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(map(_names, error.exceptions))
    return type(error).__name__
