"""The checks of 12_errors: who is asked, how often and when."""

from anthropic import AnthropicError

from mas_helpers import HAIKU, SONNET, Agent, Fault, ReplyError, fake_client, run, trace
from mas_helpers.course.exercises import Failed, Line, expect, expect_async

SECONDS = {SONNET: 4.0, HAIKU: 2.0}

# what a header gives that is a text, or not there
SLIPS = (TypeError, ValueError, KeyError, AttributeError)


def check_answer_or_fallback(answer_or_fallback):
    """Who is asked with how many requests, in how many seconds, and what gets out."""
    expect_async(answer_or_fallback)

    def ask(*faults, model=SONNET, client=None):
        large, small = _agents(faults, {"large": model, "small": HAIKU}, client)
        return _asked(answer_or_fallback(large, small, "Is the path open?"))

    got, requests, seconds = ask()
    case = "nothing fails"
    expect(f"{case}: what came back", _pair(got), ("large", "from large"), "(agent.name, text)")
    expect(
        f"{case}: requests",
        requests,
        [("large", 1)],
        "The fallback is asked only when the first one fails.",
    )
    for kind in ("overloaded", "server_error"):
        case = f"the first agent: {kind} ({'529' if kind == 'overloaded' else '500'}) after 0.1 s"
        got, requests, seconds = ask(Fault(kind, agent="large"))
        hint = "One request: replace(agent, client=agent.client.with_options(max_retries=0))."
        if requests[:1] == [("large", 3)]:
            raise Failed(f"{case}: requests", requests, [("large", 1), ("small", 1)], hint)
        hint = (
            "Catch InternalServerError: it is the class above OverloadedError and all of the 5xx."
        )
        expect(f"{case}: what came back", _pair(got), ("small", "from small"), hint)
        expect(f"{case}: requests", requests, [("large", 1), ("small", 1)], "Each of the two once.")
        expect(f"{case}: seconds (0.1, then 2.0)", seconds, 2.1, "The fallback is asked at once.")
    case = "the first agent: status 503"
    got, requests, seconds = ask(client=fake_client(_unavailable))
    hint = "Any status from 500 up: InternalServerError is the class above them all."
    expect(f"{case}: what came back", _pair(got), ("small", "from small"), hint)
    expect(f"{case}: requests", requests, [("large", 1), ("small", 1)], "Each of the two once.")
    case = "the first is overloaded, the fallback is too, once"
    got, requests, seconds = ask(
        Fault("overloaded", agent="large"), Fault("overloaded", agent="small", attempts=1)
    )
    hint = "The fallback keeps its own client, with the retries."
    expect(f"{case}: requests", requests, [("large", 1), ("small", 2)], hint)
    expect(f"{case}: what came back", _pair(got), ("small", "from small"), hint)
    case = "both are overloaded, and stay so"
    got, requests, seconds = ask(Fault("overloaded"))
    expect(
        f"{case}: what got out", _names(got), "OverloadedError", "The fallback's error is raised."
    )
    expect(
        f"{case}: requests", requests, [("large", 1), ("small", 3)], "No third agent, and no loop."
    )
    others = {
        "refused": "ReplyRefused",
        "rate_limited": "RateLimitError",
        "reset": "APIConnectionError",
    }
    for kind, name in others.items():
        case = f"the first agent: {kind}"
        got, requests, _ = ask(Fault(kind, agent="large"))
        hint = (
            "Only where the API fails on its side is the fallback asked: "
            "catch InternalServerError alone."
        )
        expect(f"{case}: requests", requests, [("large", 1)], hint)
        expect(f"{case}: what got out", _names(got), name, "Let it out.")
    got, requests, _ = ask(model="claude-haiku-4")
    hint = "A mistyped model is a mistake of yours. With a fallback you would never hear of it."
    expect("a mistyped model: requests", requests, [("large", 1)], hint)
    expect("a mistyped model: what got out", _names(got), "NotFoundError", hint)
    return "one request, then the fallback with all of its own; other errors get out"


def check_with_retry_after_cap(with_retry_after_cap):
    """How many requests at which second, for headers below, at, above the cap, and without one."""
    expect_async(with_retry_after_cap)

    def ask(*faults, cap=10.0, client=None):
        (agent,) = _agents(faults, {"path": SONNET}, client)
        return _asked(with_retry_after_cap(agent, "Is the path open?", cap), SLIPS)

    got, requests, seconds = ask()
    if isinstance(got, SLIPS):
        raise got
    expect(
        "nothing fails: what came back", got, "from path", "await agent.run(prompt) gives the text."
    )
    expect("nothing fails: requests", requests, [("path", 1)], "One.")

    twice = [("path", 1), ("path", 1)]
    for wait, exactly in [(2.0, 6.0), (2.5, 6.5), (10.0, 14.0)]:
        case = f"429, retry-after: {wait:g}, cap 10"
        got, requests, seconds = ask(Fault("rate_limited", call=1, seconds=wait))
        hint = "One request each time: both go through a copy of the agent with max_retries=0."
        if any(sent > 1 for _, sent in requests):
            raise Failed(f"{case}: requests", requests, twice, hint)
        hint = "`at most cap`: told <= cap waits. The header is a text: float(…)."
        expect(
            f"{case}: what came back",
            got if isinstance(got, str) else _got_out(got),
            "from path",
            hint,
        )
        expect(f"{case}: requests", requests, twice, "Once more.")
        hint = "Wait for exactly what the header says: asyncio.sleep(float(…)), then ask."
        expect(f"{case}: seconds (the wait, then 4.0)", seconds, exactly, hint)

    case = "429, retry-after: 300, cap 10"
    got, requests, seconds = ask(Fault("rate_limited", seconds=300))
    expect(
        f"{case}: seconds",
        seconds,
        0.0,
        "It asks for more than the cap: raise at once, do not wait.",
    )
    expect(
        f"{case}: requests",
        requests,
        [("path", 1)],
        "To come earlier than told would be turned away again.",
    )
    expect(
        f"{case}: what got out",
        _got_out(got),
        "RateLimitError",
        "`raise` in the except block raises it again.",
    )

    def no_header(body):
        return {"status": 429, "error": {"type": "rate_limit_error", "message": "slow down"}}

    case = "429 without the header"
    got, requests, seconds = ask(client=fake_client(no_header))
    hint = 'headers.get("retry-after") gives None where it is not there.'
    expect(f"{case}: what got out", _got_out(got), "RateLimitError", hint)
    expect(
        f"{case}: requests and seconds", (requests, seconds), ([("path", 1)], 0.0), "Raise at once."
    )

    case = "429 twice, retry-after: 2"
    got, requests, seconds = ask(Fault("rate_limited", seconds=2))
    expect(f"{case}: what got out", _got_out(got), "RateLimitError", "The second one is raised.")
    expect(f"{case}: requests", requests, twice, "Once more and no further.")
    expect(f"{case}: seconds", seconds, 2.0, "After the second 429 there is nothing to wait for.")

    case = "overloaded (529)"
    got, requests, seconds = ask(Fault("overloaded"))
    expect(f"{case}: what got out", _got_out(got), "OverloadedError", "Catch RateLimitError alone.")
    expect(
        f"{case}: requests",
        requests,
        [("path", 1)],
        "One request: max_retries=0. And only a 429 is asked again.",
    )

    case = "overloaded (529), with a retry-after of 2"
    got, requests, seconds = ask(client=fake_client(_overloaded, middleware=[_back_in_2_s]))
    hint = (
        "Catch RateLimitError alone: "
        "the header may come with other errors, and only a 429 is asked again."
    )
    expect(f"{case}: what got out", _got_out(got), "OverloadedError", hint)
    expect(f"{case}: requests and seconds", (requests, seconds), ([("path", 1)], 0.0), hint)

    case = "the connection is lost"
    got, requests, seconds = ask(Fault("reset"))
    hint = "Catch RateLimitError alone: a lost connection has no response, and so no header."
    expect(f"{case}: what got out", _got_out(got), "APIConnectionError", hint)
    expect(f"{case}: requests", requests, [("path", 1)], hint)
    return "waits as told up to the cap; beyond it, raised at once"


def _agents(faults, models, client=None):
    """An agent for each name and model; a function plays the models, and each knows its name by its
    system prompt.
    """

    def answer(body):
        if body["model"] not in SECONDS:
            return {"status": 404, "error": {"type": "not_found_error", "message": body["model"]}}
        return {
            "content": [{"type": "text", "text": f"from {body['system']}"}],
            "seconds": SECONDS[body["model"]],
        }

    client = client or fake_client(answer, faults=faults)
    return [Agent(name, model, name, client=client) for name, model in models.items()]


def _unavailable(body):
    if body["system"] == "large":
        return {"status": 503, "error": {"type": "api_error", "message": "unavailable"}}
    return {
        "content": [{"type": "text", "text": f"from {body['system']}"}],
        "seconds": SECONDS[body["model"]],
    }


def _overloaded(body):
    return {"status": 529, "error": {"type": "overloaded_error", "message": "overloaded"}}


async def _back_in_2_s(request, call_next):
    response = await call_next(request)
    response.headers["retry-after"] = "2"
    return response


def _asked(coroutine, also=()):
    """What it returned or raised, `[(agent, HTTP requests), …]`, and the seconds. also: errors that
    count too.
    """
    with trace() as t:
        try:
            got = run(coroutine, clock="virtual")
        except (ReplyError, AnthropicError, *also) as error:
            got = error
    return got, [(call.agent, len(call.attempts)) for call in t.calls], t.seconds


def _names(got):
    """The class of an error, or those in a group; what is no error as it is."""
    if isinstance(got, BaseExceptionGroup):
        return ", ".join(type(error).__name__ for error in got.exceptions)
    return type(got).__name__ if isinstance(got, BaseException) else f"returned {got!r}"


def _got_out(got):
    """As _names; of a slip, what it says too."""
    return Line(f"{type(got).__name__}: {got}") if isinstance(got, SLIPS) else _names(got)


def _pair(got):
    return tuple(got) if isinstance(got, list | tuple) else _names(got)
