"""The checks of 16_observability: what a log is read to, and which traces are kept."""

import asyncio
import json

from mas_helpers import HAIKU, Agent, Fault, fake_client, run, trace
from mas_helpers.course.exercises import Failed, Line, call_plain, expect


def check_bill_by_agent(bill_by_agent):
    """Dollars by agent, an unknown price told from none, and the broken lines counted."""
    case = "three calls of two agents"
    _bill(
        bill_by_agent,
        case,
        [_line("fuel", 0.5), _line("crew", 0.25), _line("fuel", 0.25)],
        ({"fuel": 0.75, "crew": 0.25}, 0),
        "Add up `usd` by `agent`.",
    )
    case = "the process was killed in the middle of the second line"
    _bill(
        bill_by_agent,
        case,
        [_line("fuel", 0.5), _line("crew", 0.25)[:30], _line("crew", 1.0)],
        ({"fuel": 0.5, "crew": 1.0}, 1),
        "json.loads raises ValueError for half a line: skip that line, count it, and go on.",
    )
    case = "a call whose model has no known price"
    _bill(
        bill_by_agent,
        case,
        [_line("fuel", 0.5), _line("fuel", None), _line("crew", 0.25)],
        ({"fuel": None, "crew": 0.25}, 0),
        "null is None in Python. What you don't know isn't nothing: that agent's sum is None.",
    )
    case = "the same, and a priced call of that agent after it"
    _bill(
        bill_by_agent,
        case,
        [_line("fuel", None), _line("fuel", 0.5)],
        ({"fuel": None}, 0),
        "Once unknown, a sum stays unknown.",
    )
    case = "a call that cost nothing"
    _bill(
        bill_by_agent,
        case,
        [_line("fuel", 0.0)],
        ({"fuel": 0.0}, 0),
        "0.0 is a known price: ask `is None`, for 0.0 counts as false too.",
    )
    case = "empty lines between and at the end"
    _bill(
        bill_by_agent,
        case,
        [_line("fuel", 0.5), "\n", "", "  \n"],
        ({"fuel": 0.5}, 0),
        "An empty line is no broken one: leave it out before you read it.",
    )
    _bill(bill_by_agent, "an empty log", [], ({}, 0), "No lines: no dollars, none skipped.")
    return "7 logs: dollars by agent, unknown told from nothing, broken lines counted"


def _line(agent, usd):
    return (
        json.dumps({"agent": agent, "input": "?", "output": 'He said: "1,000"', "usd": usd}) + "\n"
    )


def _bill(function, case, lines, expected, hint):
    try:
        got = call_plain(function, iter(lines))
    except TypeError as error:
        if "NoneType" not in str(error):
            raise
        raise Failed(case, Line(f"{type(error).__name__}: {error}"), expected, hint) from error
    if not isinstance(got, tuple | list) or len(got) != 2:
        raise Failed(
            f"{case}: what came back", got, expected, "Return both: `return bill, skipped`."
        )
    expect(f"{case}: (dollars by agent, lines skipped)", (_plain(got[0]), got[1]), expected, hint)


def _plain(bill):
    return dict(bill) if isinstance(bill, dict) else bill


def check_worth_keeping(worth_keeping):
    """Every failure, every slow run, and each tenth of the rest."""

    def ask(case, number, kept, expected, hint):
        got = call_plain(worth_keeping, number, kept)
        if not isinstance(got, bool):
            raise Failed(f"{case}: what came back", got, expected, "Return True or False.")
        expect(f"{case}: is it kept?", got, expected, hint)

    fine, slow, at_the_limit = _run(2.0), _run(12.0), _run(10.0)
    tenth = "Of the runs that are fine, keep 10, 20, 30, …: `number % 10 == 0`."
    ask("run 3, fine", 3, fine, False, tenth)
    ask("run 10, fine", 10, fine, True, tenth)
    ask("run 21, fine", 21, fine, False, tenth)
    ask("run 3, 12 s long", 3, slow, True, "More than 10 s is slow, whatever its number.")
    ask("run 3, 10 s long", 3, at_the_limit, False, "10 s is not *more than* 10 s.")
    late = _run(6.0, 6.0)
    hint = "trace.seconds is the whole run; each call alone may be quick."
    ask("run 3, two calls of 6 s, one after the other", 3, late, True, hint)
    failed = _run(2.0, faults=[Fault("server_error")])
    hint = "A call that failed has a `call.error`."
    ask("run 3, its only call failed", 3, failed, True, hint)
    hint = "Ask all of the calls: `any(call.error for call in trace.calls)`."
    first = _run(2.0, 2.0, 2.0, faults=[Fault("server_error", call=1)])
    ask("run 3, the first of three calls failed", 3, first, True, hint)
    middle = _run(2.0, 2.0, 2.0, faults=[Fault("server_error", call=2)])
    ask("run 3, the second of three calls failed", 3, middle, True, hint)
    retried = _run(2.0, faults=[Fault("server_error", attempts=1)], max_retries=2)
    hint = "The SDK tried again and got its answer: `call.retries` is 1, and `call.error` is empty."
    ask("run 3, answered at the second attempt", 3, retried, False, hint)
    with trace() as empty:
        pass
    ask("run 3, no call in it", 3, empty, False, "No call failed, and it took 0 s.")
    return "11 runs: each failure and each slow one is kept, and a tenth of the rest"


def _run(*seconds, faults=(), max_retries=0):
    """The trace of a run whose calls take so long, one after the other."""
    takes = iter(seconds)

    def model(body):
        return {"content": [{"type": "text", "text": "x"}], "seconds": next(takes, 1.0)}

    agent = Agent(
        "a", HAIKU, "", client=fake_client(model, faults=list(faults), max_retries=max_retries)
    )

    async def work():
        for _ in seconds:
            await asyncio.gather(agent.run("?"), return_exceptions=True)

    with trace() as kept:
        run(work(), clock="virtual")
    return kept
