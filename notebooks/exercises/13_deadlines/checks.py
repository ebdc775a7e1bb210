"""The checks of 13_deadlines: what comes of each job, who is left running, and what there is
when the time is up.
"""

import asyncio

from anthropic import AnthropicError

from mas_helpers import HAIKU, Agent, Fault, ReplyError, fake_client, run
from mas_helpers.agents import DeadlinePassed
from mas_helpers.course.exercises import Failed, Line, call_async, expect, expect_async

REFUSED = {"stop_reason": "refusal", "seconds": 1.0}


def check_gather_outcomes(gather_outcomes):
    """An Outcome for each job, in order, by the deadline, and nobody at work afterwards."""
    expect_async(gather_outcomes)

    got, seconds, _ = _gathered(gather_outcomes, {"a": 3.0, "b": 1.0, "c": 2.0}, 10.0)
    case = "jobs of 3, 1 and 2 s, deadline 10 s"
    hint = (
        "All begin at once, and nobody waits for the deadline: "
        "as soon as the last one is done, return."
    )
    expect(f"{case}: seconds", seconds, 3.0, hint)
    _is_dict(case, got, ["a", "b", "c"])
    expect(
        f"{case}: kinds",
        _kinds(got),
        {"a": "ok", "b": "ok", "c": "ok"},
        "outcome_of(job) makes them.",
    )
    hint = "`value` is what the job returned."
    expect(
        f"{case}: values",
        {k: one.value for k, one in got.items()},
        {n: f"from {n}" for n in "abc"},
        hint,
    )

    got, seconds, log = _gathered(gather_outcomes, {"a": 60.0, "b": 1.0, "c": 4.0}, 5.0)
    case = "jobs of 60, 1 and 4 s, deadline 5 s"
    hint = (
        "A job that is late is an Outcome. "
        "The limit goes around each job, inside its outcome_of: outside it raises."
    )
    if "DeadlinePassed" in _names(got):
        hint = (
            "A deadline around all of them is an error in place of what came: "
            "put the limit around each job, inside its outcome_of."
        )
    _no_error(case, got, hint)
    expect(
        f"{case}: seconds",
        seconds,
        5.0,
        "The deadline holds for all of them together, from the beginning.",
    )
    _is_dict(case, got, ["a", "b", "c"])
    hint = (
        "The limit goes around each job, inside its outcome_of: "
        "around all of them, it loses what came."
    )
    expect(f"{case}: kinds", _kinds(got), {"a": "timed_out", "b": "ok", "c": "ok"}, hint)
    hint = "An Outcome that is not ok carries its error: without one, str(outcome) says ok."
    expect(f"{case}: the late one carries an error", got["a"].error is not None, True, hint)
    hint = "Cancel what is late: task.cancel(), or asyncio.timeout inside the job."
    expect(
        f"{case}: still running later, and paid for",
        [name for name in log if name == "a"],
        [],
        hint,
    )

    got, seconds, log = _gathered(gather_outcomes, {"a": 60.0, "b": 60.0, "c": 60.0}, 5.0)
    case = "three jobs of 60 s, deadline 5 s"
    _no_error(case, got, "Three late jobs are three Outcomes.")
    expect(f"{case}: seconds", seconds, 5.0, "One deadline for all, not one after the other.")
    expect(
        f"{case}: kinds",
        _kinds(got),
        dict.fromkeys("abc", "timed_out"),
        "Each of them is timed_out.",
    )
    expect(f"{case}: still running later, and paid for", log, [], "Cancel what is late.")

    got, seconds, _ = _gathered(
        gather_outcomes, {"a": 2.0, "b": "refused", "c": "overloaded"}, 10.0
    )
    case = "one job refused after 1 s, one overloaded"
    _no_error(case, got, "outcome_of(job) catches what the reply or the API does.")
    expect(
        f"{case}: kinds",
        _kinds(got),
        {"a": "ok", "b": "refused", "c": "failed"},
        "classify_error tells the kinds apart.",
    )
    expect(f"{case}: seconds", seconds, 2.0, "One that fails stops nobody.")

    got, _, log = _gathered(gather_outcomes, {"a": 4.0, "b": "bug", "c": 60.0}, 5.0)
    case = "a job with a bug (KeyError)"
    hint = "A bug is no outcome: outcome_of lets it out, and so must you. Catch no Exception."
    raised = isinstance(got, Exception) and "KeyError" in _names(got)
    expect(
        f"{case}: what got out",
        Line(_names(got) if not raised else "KeyError"),
        Line("KeyError"),
        hint,
    )
    hint = "When one raises, gather leaves the others at work. A TaskGroup does not."
    expect(f"{case}: still running after you had raised", log, [], hint)
    return "each job an Outcome, in time, in order; nobody lost, nobody left running"


def _gathered(function, plan, deadline):
    """What came back or was raised, after how many seconds, and which jobs ended after that."""

    async def job(name, does):
        if does == "bug":
            await asyncio.sleep(1.0)
            raise KeyError(name)
        if isinstance(does, str):
            faults = [Fault(does)] if does != "refused" else []
            client = fake_client(lambda body: dict(REFUSED), faults=faults, max_retries=0)
            return await Agent(name, HAIKU, name, client=client).run("?")
        await asyncio.sleep(does)
        if returned:
            late.append(name)
        return f"from {name}"

    async def main():
        began = asyncio.get_running_loop().time()
        try:
            got = await function({name: job(name, does) for name, does in plan.items()}, deadline)
        except (Exception, asyncio.CancelledError) as error:
            got = error
        seconds = round(asyncio.get_running_loop().time() - began, 3)
        returned.append(True)
        await asyncio.sleep(1000)
        return got, seconds

    returned, late = [], []
    got, seconds = run(main(), clock="virtual")
    if isinstance(got, Exception) and "KeyError" not in _names(got) and not _is_known(got):
        raise got
    return got, seconds, late


def _is_known(error):
    if isinstance(error, BaseExceptionGroup):
        return all(map(_is_known, error.exceptions))
    return (
        isinstance(error, ReplyError | AnthropicError | TimeoutError)
        or type(error).__name__ == "DeadlinePassed"
    )


def _no_error(case, got, hint):
    if isinstance(got, BaseException):
        group = f" of {_names(got)}" if isinstance(got, BaseExceptionGroup) else ""
        yours = Line(f"{type(got).__name__}{group}")
        raise Failed(f"{case}: what came back", yours, Line("a dictionary of Outcomes"), hint)


def _is_dict(case, got, names):
    hint = "A dictionary: the name of each job, and its Outcome, in the order of `jobs`."
    shown = list(got) if isinstance(got, dict) else Line(type(got).__name__)
    expect(f"{case}: the names in what came back", shown, names, hint)
    strange = [one for one in got.values() if not hasattr(one, "kind")]
    if strange:
        raise Failed(f"{case}: each value", type(strange[0]).__name__, "Outcome", hint)


def _kinds(got):
    return {name: getattr(one, "kind", type(one).__name__) for name, one in got.items()}


def _names(got):
    """The class of an error, or those in a group; what is no error as it is."""
    if isinstance(got, BaseExceptionGroup):
        return ", ".join(type(error).__name__ for error in got.exceptions)
    return type(got).__name__ if isinstance(got, BaseException) else f"returned {got!r}"


def check_as_far_as(as_far_as):
    """What is done when the time is up, at which second, and what gets out."""

    def ask(case, seconds, deadline, expected, when, hint):
        got, took, begun, late = _stages(as_far_as, seconds, deadline)
        if isinstance(got, Exception):
            raise Failed(
                f"{case}: what got out",
                Line(f"{type(got).__name__}: {got}"),
                Line("no error"),
                hint,
            )
        if not isinstance(got, tuple | list) or len(got) != 2:
            raise Failed(f"{case}: what came back", got, Line("(names, text)"), "return done, text")
        expect(f"{case}: what came back", (list(got[0]), got[1]), expected, hint)
        expect(f"{case}: seconds", took, when, "One deadline for the whole, around all the stages.")
        expect(
            f"{case}: stages that end later", late, [], "asyncio.timeout cancels the one under way."
        )
        return begun

    three = {"plan": 2.0, "write": 3.0, "check": 4.0}
    begun = ask(
        "stages of 2, 3 and 4 s, deadline 20 s",
        three,
        20.0,
        (list(three), "? plan write check"),
        9.0,
        "Each stage gets the text of the one before.",
    )
    expect(
        "stages of 2, 3 and 4 s, deadline 20 s: when each begins",
        begun,
        {"plan": 0.0, "write": 2.0, "check": 5.0},
        "One after the other: each needs the text of the one before.",
    )
    hint = (
        "What was done before the time was up counts: the text after the last stage that was done."
    )
    begun = ask(
        "the same, deadline 6 s", three, 6.0, (["plan", "write"], "? plan write"), 6.0, hint
    )
    ask(
        "the same, deadline 1 s",
        three,
        1.0,
        ([], "?"),
        1.0,
        "Nothing is done: no name, and the text as it was given.",
    )
    begun = ask("the same, deadline 4 s", three, 4.0, (["plan"], "? plan"), 4.0, hint)
    expect(
        "the same, deadline 4 s: who begins",
        list(begun),
        ["plan", "write"],
        "After the deadline no stage begins.",
    )
    ask("no stages", {}, 5.0, ([], "?"), 0.0, "Nothing to do: nothing is done.")

    own = {"plan": 2.0, "write": "a limit of its own", "check": 4.0}
    for case, stages, name in [
        (
            "a stage refuses at 3 s, deadline 20 s",
            {"plan": 2.0, "write": "refused", "check": 4.0},
            "ReplyRefused",
        ),
        (
            "a stage has a bug at 3 s (KeyError)",
            {"plan": 2.0, "write": "bug", "check": 4.0},
            "KeyError",
        ),
        ("a stage passes a limit of its own at 3 s, deadline 20 s", own, "TimeoutError"),
    ]:
        got, took, _, _ = _stages(as_far_as, stages, 20.0)
        hint = "Only your own deadline is an end like that: `if not limit.expired(): raise`."
        shown = type(got).__name__ if isinstance(got, Exception) else got
        expect(f"{case}: what got out", Line(shown), Line(name), hint)
        expect(f"{case}: seconds", took, 3.0, "It is raised at once.")
    return "8 runs: in time, with what was done; errors of a stage get out"


def _stages(function, plan, deadline):
    """What came back or was raised, the seconds, when each stage began, and who ended late."""
    begun, late, over = {}, [], []

    def stage(name, does):
        async def work(text):
            begun[name] = asyncio.get_running_loop().time() - zero[0]
            if does == "refused":
                client = fake_client(lambda body: {"stop_reason": "refusal", "seconds": 1.0})
                return await Agent(name, HAIKU, name, client=client).run(text)
            if isinstance(does, str):
                await asyncio.sleep(1.0)
                raise KeyError(name) if does == "bug" else TimeoutError
            await asyncio.sleep(does)
            if over:
                late.append(name)
            return f"{text} {name}"

        return work

    async def main():
        zero.append(asyncio.get_running_loop().time())
        try:
            got = await call_async(
                function, {name: stage(name, does) for name, does in plan.items()}, "?", deadline
            )
        except Exception as error:
            got = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
            known = (ReplyError, KeyError, TimeoutError, DeadlinePassed)
            if not isinstance(got, known):
                raise
        took = round(asyncio.get_running_loop().time() - zero[0], 6)
        over.append(True)
        await asyncio.sleep(100)
        return got, took

    zero = []
    got, took = run(main(), clock="virtual")
    return got, took, begun, late
