"""The checks of 03_parallel: how many are at work at once, when each begins, which errors
propagate, what is left running, and what a figure does when its knob is turned.
"""

import asyncio
import re
from dataclasses import dataclass

from mas_helpers import run
from mas_helpers.course.exercises import Failed, Line, call_async, call_plain, expect
from mas_helpers.course.figures import Figure, draw

SECONDS = {"ada": 4, "ben": 3, "cyd": 5, "dov": 2, "eve": 3}
QUICK = {name: seconds / 100 for name, seconds in SECONDS.items()}
LET_OUT = "Let the job's own error propagate."


class Jobs:
    """Coroutines that only wait, by name, and notes on when each of them was at work."""

    def __init__(self, seconds, failing=""):
        self.at_work, self.most, self.began, self.cancelled = set(), 0, {}, []
        self.error, self.callers = ValueError(f"{failing} failed"), set()
        self.coroutines = {
            name: self._job(name, wait, name == failing) for name, wait in seconds.items()
        }

    async def _job(self, name, wait, fails):
        self.began[name] = asyncio.get_running_loop().time()
        self.callers.add(getattr(asyncio.current_task().get_coro(), "__qualname__", ""))
        self.at_work.add(name)
        self.most = max(self.most, len(self.at_work))
        try:
            await asyncio.sleep(wait)
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        finally:
            self.at_work.discard(name)
        if fails:
            raise self.error
        return f"{name}'s answer"


@dataclass
class Played:
    """What an answer did with its jobs: what it returned or raised, after how many seconds, and the
    jobs that were still at work a moment later.
    """

    jobs: Jobs
    returned: object
    error: Exception | None
    seconds: float
    left: list[str]


def check_two_at_a_time(two_at_a_time):
    """At most two, a new one as soon as one ends, results by name, errors propagate."""
    played = _play(two_at_a_time, SECONDS)
    if any(caller.startswith("fan_out.") for caller in played.jobs.callers):
        hint = "Build it by hand once: a semaphore and tasks."
        raise Failed("how it is built", Line("with fan_out"), Line("without fan_out"), hint)
    most, hint = (
        played.jobs.most,
        "`asyncio.Semaphore(2)`: one for all, and taken inside each task.",
    )
    if most < 2:
        hint = (
            "A coroutine begins when it's awaited: make a task of each, and two can wait at once."
        )
    expect("jobs at work at the same moment, at most", most, 2, hint)
    hint = "Don't wait for a pair to finish: each job that ends makes room for the next."
    began = {"ada": 0.0, "ben": 0.0, "cyd": 3.0, "dov": 4.0, "eve": 6.0}
    expect("the second at which each job began", _in_order(played.jobs.began), began, hint)
    _expect_by_name(played.returned)
    for failing in ("ben", "eve"):
        _expect_error(_play(two_at_a_time, SECONDS, failing=failing), failing)
    return "two at a time, done after 9.0 s, results by name, errors propagate"


def check_first_answer(first_answer):
    """The first to finish, at its second, and the others cancelled."""
    for seconds, first, after in (
        (SECONDS, "dov", 2.0),
        ({"ada": 1, "ben": 3, "cyd": 2}, "ada", 1.0),
    ):
        played = _play(first_answer, seconds)
        case = f"jobs of {_listed(seconds.values())} s"
        hint = "A pair: the name and the result of the job that's done first."
        pair = played.returned
        pair = tuple(pair) if isinstance(pair, list) else pair
        expect(f"{case}: what came back", pair, (first, f"{first}'s answer"), hint)
        hint = "Start them all as tasks, and wait for the first one only."
        expect(f"{case}: seconds until then", played.seconds, after, hint)
        _expect_all_cancelled(f"{case}: the other jobs", played, set(seconds) - {first})
    played = _play(first_answer, {"ada": 3, "ben": 1, "cyd": 2}, failing="ben")
    _expect_error(played, "ben", "`result()` of a task raises its error: let it propagate.")
    case = "ben is done first, and fails: the other jobs"
    _expect_all_cancelled(case, played, {"ada", "cyd"})
    played = _play(first_answer, {"ada": 1, "ben": 2}, failing="ben")
    case, hint = "ben would fail a second later: what is raised", "Only the first one counts."
    expect(case, played.error, None, hint)
    return "dov after 2.0 s, the other four cancelled"


def check_as_they_come(as_they_come):
    """Shown on arrival, in the order of arrival; returned in the order of the jobs."""
    shown = []

    def show(name, result):
        shown.append((name, result, round(asyncio.get_running_loop().time(), 3)))

    played = _play(as_they_come, SECONDS, show)
    hint = "All at once: start them as tasks."
    expect("seconds in all", played.seconds, 5.0, hint)
    hint = "`show(name, result)`: once for each job, with its own name, and the name first."
    expect("names shown", sorted(str(name) for name, *_ in shown), sorted(SECONDS), hint)
    hint = "A name belongs to its own job's result."
    together = _in_order({name: result for name, result, _ in shown})
    expect("each name with its result", together, _answers(SECONDS), hint)
    hint = "Show each one at the moment it arrives, not when others are done too."
    times = _in_order({name: time for name, _, time in shown})
    expect(
        "the second at which each was shown", times, {n: float(s) for n, s in SECONDS.items()}, hint
    )
    _expect_by_name(played.returned)
    shown.clear()
    played = _play(as_they_come, {"ada": 3, "ben": 2, "cyd": 1}, show, failing="ben")
    _expect_error(played, "ben")
    case, hint = "ben fails: the names shown", "A job that fails has no result to show."
    expect(case, [name for name, *_ in shown], ["cyd"], hint)
    hint = "`gather` lets the others go on; a TaskGroup cancels them."
    _expect_all_cancelled("ben fails after 2 s: the jobs still at work", played, {"ada"}, hint)
    return "shown at 2, 3, 3, 4 and 5 s; returned in the order of the jobs"


def check_seats_figure(seats_figure):
    """A figure with the knob `seats`; each turn runs fresh jobs through that many seats."""
    every = []
    try:
        for most in (3, 5):
            made = []

            def make_jobs(made=made):
                made.append(Jobs(QUICK))
                every.append(made[-1])
                return dict(made[-1].coroutines)

            drawn = call_plain(seats_figure, make_jobs, most)
            _expect_a_knob(drawn, most)
            case = f"the first picture, with {drawn.settings['seats']} of {most} seats"
            _expect_seated(case, drawn.text, made, drawn.settings["seats"])
            for seats in (2, most, 1):
                made.clear()
                shown = draw(drawn._run_it, {"seats": seats})
                _expect_seated(f"the knob at {seats} of {most}", shown.text, made, seats)
    finally:
        for jobs in every:
            for job in jobs.coroutines.values():
                _close(job)
    return "a knob from 1 to 3, then from 1 to 5; fresh jobs at each turn, as many at once as seats"


def _expect_a_knob(drawn, most):
    if not isinstance(drawn, Figure):
        given = Line("a function" if callable(drawn) else f"{type(drawn).__name__}: {drawn}")
        hint = "`return figure(…)`: what it gives, not what you give to it."
        raise Failed("what came back", given, Line("a figure"), hint)
    hint = "One knob, named as the argument that it turns: `figure(…, seats=…)`."
    expect("the knobs", list(drawn.knobs), ["seats"], hint)
    knob = drawn.knobs["seats"]
    values = Line(f"from {knob.low:g} to {knob.high:g}, in steps of {knob.step:g}")
    if knob.choices:
        values = knob.choices
    elif knob.step == 1 and isinstance(knob.low, int) and isinstance(knob.high, int):
        values = list(range(knob.low, knob.high + 1))
    hint = "Whole numbers from 1 to `most`: `seats=(1, most)`."
    expect(f"most is {most}: what the knob can be turned to", values, [*range(1, most + 1)], hint)


def _expect_seated(case, shown, made, seats):
    """Nothing where one set of fresh jobs has run to its end, so many at once."""
    begun = [jobs for jobs in made if jobs.began]
    if error := re.search("✗ (.+)", shown):
        hint = "What you give to `figure` is called at each turn of the knob, and fails here."
        if not made and re.search("ExceptionGroup|already awaited", error[1]):
            hint = "A coroutine runs only once: call `make_jobs` again at each turn of the knob."
        raise Failed(case, Line(error[1]), Line("five jobs done"), hint)
    if not begun:
        hint = "At each turn: call `make_jobs`, and run what it gives through `fan_out`."
        raise Failed(f"{case}: fresh jobs that ran", 0, len(QUICK), hint)
    hint = "`fan_out(make_jobs(), …)`: all the jobs, awaited to their end."
    done = [name for name in begun[-1].began if name not in begun[-1].cancelled]
    expect(f"{case}: fresh jobs that ran", len(done), len(QUICK), hint)
    hint = "The knob's value is the limit: `max_concurrency=seats`."
    expect(f"{case}: jobs at work at the same moment, at most", begun[-1].most, seats, hint)


def _play(answer, seconds, *arguments, failing=""):
    """Played. Raises the answer's own error where no job fails."""
    jobs = Jobs(seconds, failing)

    async def main():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(
            lambda loop, context: None
        )  # what the check tells, Python need not
        returned = error = None
        try:
            async with asyncio.timeout(1000):
                returned = await call_async(answer, dict(jobs.coroutines), *arguments)
        except Failed:
            raise
        except Exception as raised:
            error = raised
        after = round(loop.time() - began, 3)
        for _ in range(10):
            await asyncio.sleep(0)  # what was cancelled ends now
        return Played(jobs, returned, error, after, sorted(jobs.at_work))

    began = 0.0

    async def timed():
        nonlocal began
        began = asyncio.get_running_loop().time()
        return await main()

    try:
        played = run(timed(), clock="virtual")
    finally:
        for job in jobs.coroutines.values():
            _close(job)
    if isinstance(played.error, TimeoutError):
        hint = "Something waits for what never comes. Does each job give its seat back?"
        raise Failed("does it end?", Line("still waiting after 1000 s"), Line("an end"), hint)
    if played.error and not failing:
        grouped = isinstance(played.error, ExceptionGroup)
        raise played.error.exceptions[0] if grouped else played.error
    if not jobs.began and not played.error:
        hint = "A job is a coroutine: it begins when it's awaited, or made a task."
        raise Failed("jobs that were begun", 0, len(seconds), hint)
    if any(isinstance(value, asyncio.Future) for value in _values(played.returned)):
        hint = "A task is not its result: `await` it."
        raise Failed("what came back", Line("tasks"), Line("results"), hint)
    return played


def _close(job):
    try:
        job.close()
    except RuntimeError:  # an answer kept it going
        pass


def _expect_by_name(returned):
    hint = "A dictionary: each result under its job's name."
    expect("what came back", returned, _answers(SECONDS), hint)
    hint = "The order of `jobs`, not that of arrival."
    expect("the order of the names", list(returned), list(SECONDS), hint)


def _expect_error(played, failing, hint=LET_OUT):
    """Nothing where the failed job's own error propagated, alone or in a group."""
    group = played.error.exceptions if isinstance(played.error, ExceptionGroup) else [played.error]
    if any(error is played.jobs.error for error in group):
        return
    values = [] if played.error else _values(played.returned)
    if any(isinstance(value, BaseException) for value in values):
        hint = "An error among the results looks like a result: raise it."
    elif any(value is None for value in values):
        hint = "None looks like a result. Let the error propagate."
    yours = played.error or Line(f"no error, and it returned {played.returned!r}")
    raise Failed(
        f"{failing} fails: what is raised", yours, Line(f"ValueError: {failing} failed"), hint
    )


def _expect_all_cancelled(
    case, played, names, hint="Cancel every task that isn't done: task.cancel()."
):
    if played.left:
        raise Failed(case, Line(f"{_listed(played.left)} still at work"), Line("cancelled"), hint)
    if never := sorted(names - set(played.jobs.began)):
        hint = "Start them all at once: make a task of each."
        raise Failed(
            case, Line(f"{_listed(never)} never began"), Line("begun, then cancelled"), hint
        )
    if closed := sorted(names - set(played.jobs.cancelled)):
        hint = (
            "A task is stopped by `task.cancel()`; `close()` pulls the coroutine out from under it."
        )
        raise Failed(case, Line(f"{_listed(closed)} not cancelled"), Line("cancelled"), hint)


def _answers(names):
    return {name: f"{name}'s answer" for name in names}


def _in_order(found):
    """The entries of a dictionary by name in the order of SECONDS, so that two can be compared."""
    return {name: found[name] for name in SECONDS if name in found}


def _values(returned):
    if isinstance(returned, dict):
        return list(returned.values())
    return list(returned) if isinstance(returned, list | tuple | set) else [returned]


def _listed(words):
    *first, last = map(str, words)
    return f"{', '.join(first)} and {last}" if first else last
