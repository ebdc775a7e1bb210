"""The checks of 13_deadlines: what comes of each job, who is left running, and what there is
when the time is up.
"""

import asyncio
from contextlib import suppress

from anthropic import AnthropicError

from mas_helpers import HAIKU, Agent, Fault, ReplyError, fake_client, run
from mas_helpers.course.exercises import Failed, Line, call_async, expect

REFUSED = {"stop_reason": "refusal", "seconds": 1.0}
INSIDE = "The limit goes around each job, inside its outcome_of."
LONG = 1000  # seconds after which nothing is at work any more
RUNNING = "still running later, and paid for"
TOLD = {"bug": KeyError, "another bug": FileNotFoundError, "own limit": TimeoutError}


def check_gather_outcomes(gather_outcomes):
    """An Outcome for each job, in order, by the deadline, and nobody at work afterwards."""

    def play(case, jobs, deadline, seconds, hint):
        played = _gather(gather_outcomes, jobs, deadline)
        _expect_no_error(case, played.error, hint)
        _expect_outcomes(case, played.returned, list(jobs))
        expect(f"{case}: seconds", played.seconds, seconds, hint)
        expect(f"{case}: {RUNNING}", played.late, [], "Cancel what is late: task.cancel(), or a "
               "timeout inside the job.")  # fmt: skip
        return played

    case = "jobs of 3, 1 and 2 s, deadline 10 s"
    hint = "All start at once, and nobody waits for the deadline: return when the last one is done."
    jobs = {"wind": 3.0, "beds": 1.0, "path": 2.0}
    played = play(case, jobs, 10.0, 3.0, hint)
    expect(f"{case}: kinds", _kinds(played), dict.fromkeys(jobs, "ok"), "outcome_of(job) makes it.")
    values = {name: one.value for name, one in played.returned.items()}
    hint = "`value` is what the job returned."
    expect(f"{case}: values", values, {name: f"from {name}" for name in jobs}, hint)

    case, jobs = "six jobs of 2 s, deadline 3 s", dict.fromkeys("ugqkbx", 2.0)
    played = play(case, jobs, 3.0, 2.0, "All of them start at once, however many there are.")
    expect(f"{case}: kinds", _kinds(played), dict.fromkeys(jobs, "ok"), "Each of them is in time.")

    case = "jobs of 60, 1 and 4 s, deadline 5 s"
    hint = "One deadline for all of them, counted from the start."
    played = play(case, {"wind": 60.0, "beds": 1.0, "path": 4.0}, 5.0, 5.0, hint)
    kinds = {"wind": "timed_out", "beds": "ok", "path": "ok"}
    hint = f"{INSIDE} Around all of them, it loses what came."
    expect(f"{case}: kinds", _kinds(played), kinds, hint)
    values = {name: played.returned[name].value for name in ("beds", "path")}
    hint = "What came in time is the `value` of its Outcome."
    expect(f"{case}: values", values, {"beds": "from beds", "path": "from path"}, hint)
    has_error = isinstance(played.returned["wind"].error, Exception)
    hint = "An Outcome that isn't ok carries its error. Without one, str(outcome) says ok."
    expect(f"{case}: the late one carries an error", has_error, True, hint)

    case, jobs = "three jobs of 60 s, deadline 5 s", dict.fromkeys(["wind", "beds", "path"], 60.0)
    played = play(case, jobs, 5.0, 5.0, "One deadline for all, not one after the other.")
    late = dict.fromkeys(jobs, "timed_out")
    expect(f"{case}: kinds", _kinds(played), late, "Three late jobs are three Outcomes.")

    case = "one job refused after 1 s, one overloaded, one past a limit of its own"
    jobs = {"wind": 2.0, "beds": "refused", "path": "overloaded", "fog": "own limit"}
    kinds = {"wind": "ok", "beds": "refused", "path": "failed", "fog": "timed_out"}
    hint = (
        "outcome_of(job) catches what the reply, the API or the time does, and stops nobody else."
    )
    played = play(case, jobs, 10.0, 2.0, hint)
    expect(f"{case}: kinds", _kinds(played), kinds, "outcome_of(job) tells the kinds apart.")
    errors = {name: played.returned[name].error is not None for name in jobs}
    expected = {name: name != "wind" for name in jobs}
    expect(f"{case}: which carry an error", errors, expected, "Keep the Outcome as it comes.")

    case = "a job that returns None"
    played = play(case, {"wind": "nothing"}, 5.0, 1.0, "A job may return None: it's done, and ok.")
    hint = "It was done in time: ok, whatever it returned."
    expect(f"{case}: its kind", _kinds(played), {"wind": "ok"}, hint)

    case, hint = "no jobs", "`jobs` may be empty: asyncio.wait refuses that, so ask before."
    try:
        play(case, {}, 5.0, 0.0, hint)
    except ValueError as error:
        raise Failed(f"{case}: what came back", error, {}, hint) from None

    for bug in ("bug", "another bug"):
        kind = TOLD[bug].__name__
        jobs = {"wind": 4.0, "beds": bug, "path": 60.0}
        played = _gather(gather_outcomes, jobs, 5.0)
        case = f"a job with a bug ({kind})"
        if played.error is None or not _holds(played.error, TOLD[bug]):
            yours = Line(_names(played.error) or "no error")
            hint = "A bug is no outcome: outcome_of lets it propagate. Don't catch every Exception."
            raise Failed(f"{case}: what is raised", yours, Line(kind), hint)
        hint = "When one raises, gather leaves the others at work. A TaskGroup doesn't."
        expect(f"{case}: still running after you had raised", played.late, [], hint)
    return "an Outcome for each job, in time and in order; nobody lost, nobody left running"


class Played:
    """What came of a call: what it returned or raised, after how many seconds, and which jobs ended
    later.
    """

    def __init__(self, returned, error, seconds, late):
        self.returned, self.error, self.seconds, self.late = returned, error, seconds, late


async def _fail(name, does):
    """The failure of a job or a stage, after a second."""
    if does in ("refused", "overloaded"):
        faults = [Fault(does)] if does != "refused" else []
        client = fake_client(lambda body: dict(REFUSED), faults=faults, max_retries=0)
        return await Agent(name, HAIKU, name, client=client).run("?")
    await asyncio.sleep(1.0)
    raise TOLD[does](name)


def _play(call, is_known):
    """Played. Raises an error of the answer's own as it is."""

    async def main():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: None)  # the check tells, Python needn't
        began, got, error = loop.time(), None, None
        guard = asyncio.timeout(LONG)
        try:
            async with guard:
                got = await call(over)
        except Failed:
            raise
        except (Exception, asyncio.CancelledError) as raised:
            error = raised
        if guard.expired():
            hint = "Something waits for what never comes. What ends the loops in it?"
            raise Failed(
                "does it end?", Line(f"still waiting after {LONG} s"), Line("an end"), hint
            )
        seconds = round(loop.time() - began, 3)
        over.append(True)
        await asyncio.sleep(LONG)
        return got, error, seconds

    over = []
    got, error, seconds = run(main(), clock="virtual")
    if error is not None and not is_known(error):
        raise error
    return Played(got, error, seconds, [])


def _gather(answer, plan, deadline):
    late = []

    async def job(name, does, over):
        if does == "nothing":
            return await asyncio.sleep(1.0)
        if isinstance(does, str):
            return await _fail(name, does)
        await asyncio.sleep(does)
        if over:
            late.append(name)
        return f"from {name}"

    async def call(over):
        jobs.update((name, job(name, does, over)) for name, does in plan.items())
        return await call_async(answer, dict(jobs), deadline)

    jobs = {}
    try:
        played = _play(call, lambda error: _is_known(error) or _holds(error, tuple(TOLD.values())))
    finally:
        for one in jobs.values():
            with suppress(RuntimeError):  # an answer kept it going
                one.close()  # it may never have begun
    played.late = late
    return played


def _is_known(error):
    if isinstance(error, BaseExceptionGroup):
        return all(map(_is_known, error.exceptions))
    known = isinstance(error, ReplyError | AnthropicError | TimeoutError | asyncio.CancelledError)
    return known or type(error).__name__ == "DeadlinePassed"  # the lesson's may be the learner's


def _holds(error, kinds):
    if isinstance(error, BaseExceptionGroup):
        return any(_holds(one, kinds) for one in error.exceptions)
    return isinstance(error, kinds)


def _expect_no_error(case, error, hint):
    if error is None:
        return
    if _holds(error, TimeoutError) or "DeadlinePassed" in _names(error):
        hint = f"A job that is late is an Outcome. {INSIDE} Outside it raises."
    elif _holds(error, asyncio.CancelledError):
        hint = "To ask a cancelled task for its result raises: make its Outcome yourself."
    group = " of " + _names(error) if isinstance(error, BaseExceptionGroup) else ""
    yours = Line(f"{type(error).__name__}{group}")
    raise Failed(f"{case}: what came back", yours, Line("a dictionary of Outcomes"), hint)


def _expect_outcomes(case, got, names):
    hint = "A dictionary: the name of each job, and its Outcome, in the order of `jobs`."
    if not isinstance(got, dict):
        raise Failed(f"{case}: what came back", got, Line("a dictionary of Outcomes"), hint)
    expect(f"{case}: the names in what came back", list(got), names, hint)
    for name, one in got.items():
        if isinstance(one, asyncio.Future):
            one, hint = (
                Line("a task"),
                "A task isn't its result: `await` it, or ask for its result().",
            )
        if not all(hasattr(one, field) for field in ("kind", "value", "error")):
            expected = Line("an Outcome")
            raise Failed(f"{case}: what stands under {name!r}", one, expected, hint)


def _kinds(played):
    return {name: one.kind for name, one in played.returned.items()}


def _names(error):
    """The class of an error, or those in a group."""
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(map(_names, error.exceptions))
    return type(error).__name__ if isinstance(error, BaseException) else ""


def check_as_far_as(as_far_as):
    """What is done when the time is up, at which second, and which errors propagate."""

    def ask(case, stages, deadline, expected, when, hint):
        played, begun = _stages(as_far_as, stages, deadline)
        if played.error is not None:
            yours = Line(f"{type(played.error).__name__}: {played.error}".removesuffix(": "))
            raise Failed(f"{case}: what is raised", yours, Line("no error"), hint)
        pair = played.returned
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            shape = "A pair: the list of names, and the text. `return done, text`"
            raise Failed(f"{case}: what came back", pair, Line("(names, text)"), shape)
        if not isinstance(pair[0], list | tuple) or not isinstance(pair[1], str):
            hint = "First the names in a list, then the text: `return done, text`."
            raise Failed(f"{case}: what came back", pair, Line("(names, text)"), hint)
        expect(f"{case}: what came back", (list(pair[0]), pair[1]), expected, hint)
        hint = "One deadline for the whole, around all the stages."
        expect(f"{case}: seconds", played.seconds, when, hint)
        hint = "asyncio.timeout cancels the one at work."
        expect(f"{case}: stages that end later", played.late, [], hint)
        return begun

    three = {"plan": 2.0, "write": 3.0, "check": 4.0}
    case = "stages of 2, 3 and 4 s, deadline 20 s"
    hint = "Each stage gets the text of the one before."
    begun = ask(case, three, 20.0, (list(three), "? plan write check"), 9.0, hint)
    when = [("plan", 0.0), ("write", 2.0), ("check", 5.0)]
    hint = "One after the other, each of them once."
    expect(f"{case}: when each begins", begun, when, hint)
    done = "What was done before the time was up counts, with the text of the last stage done."
    ask("the same, deadline 6 s", three, 6.0, (["plan", "write"], "? plan write"), 6.0, done)
    nothing = "Nothing is done: no name, and the text as it was given."
    ask("the same, deadline 1 s", three, 1.0, ([], "?"), 1.0, nothing)
    begun = ask("the same, deadline 4 s", three, 4.0, (["plan"], "? plan"), 4.0, done)
    hint = "After the deadline no stage begins."
    names = [name for name, _ in begun]
    expect("the same, deadline 4 s: who begins", names, ["plan", "write"], hint)
    ask("no stages", {}, 5.0, ([], "?"), 0.0, "Nothing to do: nothing is done.")
    one = {"plan": 2.0, "write": "empty", "check": 4.0}
    hint = "An empty text is a text: the stage is done, and the next one gets it."
    ask("a stage gives an empty text", one, 5.0, (["plan", "write"], ""), 5.0, hint)
    five = {"zone": 1.0, "area": 1.0, "map": 1.0, "key": 1.0, "ink": 9.0}
    done_in_time = (["zone", "area", "map", "key"], "? zone area map key")
    ask("stages of 1, 1, 1, 1 and 9 s, deadline 6 s", five, 6.0, done_in_time, 6.0, done)

    for case, does, name in (
        ("a stage refuses at 3 s, deadline 20 s", "refused", "ReplyRefused"),
        ("a stage has a bug at 3 s (KeyError)", "bug", "KeyError"),
        ("a stage passes a limit of its own at 3 s, deadline 20 s", "own limit", "TimeoutError"),
    ):
        played, _ = _stages(as_far_as, {"plan": 2.0, "write": does, "check": 4.0}, 20.0)
        hint = "Only your own deadline is an end like that: `if not limit.expired(): raise`."
        error = played.error.exceptions[0] if _is_group(played.error) else played.error
        yours = Line(_names(error)) if error else played.returned
        expect(f"{case}: what is raised", yours, Line(name), hint)
        expect(f"{case}: seconds", played.seconds, 3.0, "It is raised at once.")
    return "10 runs: in time, with what was done; a stage's own errors propagate"


def _is_group(error):
    return isinstance(error, BaseExceptionGroup)


def _stages(answer, plan, deadline):
    """Played, and when each stage began: `[("plan", 0.0)]`."""
    begun, late = [], []

    def stage(name, does, over, zero):
        async def work(text):
            begun.append((name, round(asyncio.get_running_loop().time() - zero, 6)))
            if isinstance(does, str) and does != "empty":
                return await _fail(name, does)
            await asyncio.sleep(1.0 if does == "empty" else does)
            if over:
                late.append(name)
            return "" if does == "empty" else f"{text} {name}"

        return work

    async def call(over):
        zero = asyncio.get_running_loop().time()
        stages = {name: stage(name, does, over, zero) for name, does in plan.items()}
        return await call_async(answer, stages, "?", deadline)

    known = (ReplyError, KeyError, TimeoutError)
    played = _play(call, lambda error: _holds(error, known) or _is_known(error))
    played.late = late
    return played, begun
