"""The checks of 03_parallel: how many are at work at once, when each begins, what gets out, what is
left running.
"""

import asyncio

from mas_helpers import run, trace
from mas_helpers.course.exercises import Failed, NotTried, expect, expect_async

SECONDS = {"ada": 4, "ben": 3, "cyd": 5, "dov": 2, "eve": 3}


class Stage:
    """Jobs that only wait, and notes on when each of them was at work."""

    def __init__(self, seconds, failing=""):
        self.at_work, self.most, self.ended, self.cancelled, self.cancelled_by_then = (
            0,
            0,
            [],
            [],
            [],
        )
        self.jobs = {name: self._job(name, wait, name == failing) for name, wait in seconds.items()}

    async def _job(self, name, wait, fails):
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        try:
            await asyncio.sleep(wait)
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        finally:
            self.at_work -= 1
        self.ended.append(name)
        if fails:
            raise ValueError(f"{name} failed")
        return f"{name}'s answer"

    def close(self):
        for job in self.jobs.values():
            job.close()


def check_two_at_a_time(two_at_a_time):
    """At most two, a new one as soon as one ends, results by name, errors get out."""
    if "fan_out" in two_at_a_time.__code__.co_names:
        raise Failed(
            "how it is built",
            "fan_out",
            "without fan_out",
            "Build it by hand once: a semaphore and tasks.",
        )
    stage, got, seconds = _play(two_at_a_time, SECONDS)
    expect(
        "at work at the same moment, at most",
        stage.most,
        2,
        "asyncio.Semaphore(2), taken inside each task.",
    )
    hint = (
        "Do not wait for a pair to finish: each that ends makes room for the next. Are they tasks?"
    )
    expect("seconds for 4, 3, 5, 2 and 3 s", seconds, 9.0, hint)
    _expect_by_name(got)
    _, got, _ = _play(two_at_a_time, {"ada": 1, "ben": 2}, failing="ada")
    expect(
        "a job fails: what got out",
        _kinds(got),
        ["ValueError"],
        "Let the error out; do not put None in its place.",
    )
    return "two at a time, 9.0 s, results by name, errors get out"


def check_first_answer(first_answer):
    """The first to finish, at its second, and the others cancelled."""
    stage, got, seconds = _play(first_answer, SECONDS)
    expect(
        "what came back",
        got,
        ("dov", "dov's answer"),
        "A pair: the name and the result of the first to finish.",
    )
    expect(
        "seconds until then", seconds, 2.0, "Start them all as tasks, and wait for the first only."
    )
    hint = "Cancel every task that is not done: task.cancel()."
    expect("cancelled", stage.cancelled_by_then, ["ada", "ben", "cyd", "eve"], hint)
    _, got, _ = _play(first_answer, {"ada": 1, "ben": 2}, failing="ada")
    expect(
        "the first fails: what got out",
        _kinds(got),
        ["ValueError"],
        "result() raises it: let it out.",
    )
    return "dov after 2.0 s, the other four cancelled"


def check_as_they_come(as_they_come):
    """Shown on arrival, in the order of arrival; returned in the order of the jobs."""
    shown = []

    def show(name, result):
        shown.append((name, result, asyncio.get_running_loop().time()))

    _, got, seconds = _play(lambda jobs: as_they_come(jobs, show), SECONDS, like=as_they_come)
    expect("seconds in all", seconds, 5.0, "All at once: start them as tasks.")
    expect("shown how often", len(shown), 5, "Once for each job.")
    times = [round(time, 1) for _, _, time in shown]
    expect(
        "shown at second",
        times,
        [2.0, 3.0, 3.0, 4.0, 5.0],
        "Show each when it arrives, not at the end.",
    )
    expect(
        "shown first and last",
        [shown[0][0], shown[-1][0]],
        ["dov", "cyd"],
        "The name must belong to the result.",
    )
    expect(
        "name and result shown together",
        shown[0][:2],
        ("dov", "dov's answer"),
        "The job's own name and result.",
    )
    _expect_by_name(got)
    short = {"ada": 1, "ben": 2}
    stage, got, _ = _play(
        lambda jobs: as_they_come(jobs, show), short, failing="ada", like=as_they_come
    )
    expect(
        "a job fails: what got out",
        _kinds(got),
        ["ValueError"],
        "Let the error out; do not put None in its place.",
    )
    hint = "gather lets the others go on; a TaskGroup cancels them."
    expect("a job fails: which others are cancelled", stage.cancelled_by_then, ["ben"], hint)
    return "shown at 2, 3, 3, 4 and 5 s; returned in the order of the jobs"


def _play(function, seconds, failing="", like=None):
    """The jobs, what came back (or the error), and the seconds on the clock."""
    expect_async(like or function)
    stage = Stage(seconds, failing)

    async def main():
        try:
            async with asyncio.timeout(1000):
                return await function(stage.jobs)
        finally:
            await asyncio.sleep(0)
            # a run cancels by itself what is left at its end
            stage.cancelled_by_then = sorted(stage.cancelled)

    try:
        with trace() as t:
            got = run(main(), clock="virtual")
    except (ValueError, ExceptionGroup) as error:
        got = error
    except TimeoutError:
        raise Failed(
            "does it end?", "still waiting after 1000 s", "an end", "Who releases the seats?"
        ) from None
    finally:
        stage.close()
    # nothing fails here on purpose: the error is the learner's own
    if isinstance(got, Exception) and not failing:
        raise got.exceptions[0] if isinstance(got, ExceptionGroup) else got
    if got is None and not stage.most:
        raise NotTried
    if not stage.most and not isinstance(got, Exception):
        raise Failed(
            "jobs that were begun",
            0,
            len(seconds),
            "A job is a coroutine: it begins when it is awaited, or made a task.",
        )
    values = (
        got.values()
        if isinstance(got, dict)
        else got
        if isinstance(got, (list, tuple, set))
        else [got]
    )
    if any(isinstance(value, asyncio.Future) for value in values):
        raise Failed("what came back", got, "results", "A task is not its result: `await` it.")
    return stage, got, t.seconds


def _expect_by_name(got):
    expected = {name: f"{name}'s answer" for name in SECONDS}
    expect("what came back", got, expected, "A dictionary: each result under its job's name.")
    expect(
        "the order of the names",
        list(got),
        list(SECONDS),
        "The order of `jobs`, not that of arrival.",
    )


def _kinds(got):
    """The names of the errors that got out, alone or in a group."""
    if isinstance(got, ExceptionGroup):
        return sorted(type(error).__name__ for error in got.exceptions)
    return [type(got).__name__]
