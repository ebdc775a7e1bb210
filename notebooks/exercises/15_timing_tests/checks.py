"""The checks of 15_timing_tests: a test tested on good and bad systems, races of two calls, and how
waves of workers add up.
"""

import asyncio
import copy
import random
import time
from math import copysign
from typing import NamedTuple

from mas_helpers import HAIKU, Agent, fake_client, fan_out, orchestrate, run, trace
from mas_helpers.agents import OrchestrationResult, Plan, Subtask, make_plan, run_subtask
from mas_helpers.agents.orchestrator import synthesis_prompt
from mas_helpers.course.exercises import Failed, Line, call_async, call_plain, expect

QUESTION = "Does the night bus pay?"

# 0.5: a tolerance overlooks it
USUAL = {"planner": 3.0, "workers": [4.0, 6.0, 0.5, 5.0], "synthesizer": 7.0}

TWO = USUAL | {"workers": [9.0, 2.0]}

SCHEDULES = 300

# 8.399999999999999, in any order
INEXACT = {"planner": 2.0, "workers": [1.0, 0.4, 2.3], "synthesizer": 4.1}


def check_my_test(my_test):
    """The learner's test passes three good systems and catches all bad ones."""
    usual = (
        "Run system() in a trace. Planner, slowest worker, synthesizer; "
        "and as many calls as there are agents."
    )
    inexact = "2.0 + 2.3 + 4.1 is 8.399999999999999 in Python: round(…, 6) what you expect."
    for seconds, hint in ((USUAL, usual), (TWO, usual), (INEXACT, inexact)):
        system, asked = _system(orchestrate, seconds)
        case = f"a good system of {len(seconds['workers'])} workers, {seconds['workers']} s"
        failure = _verdict(my_test, system, seconds)
        expect(
            f"{case}: did your test run it",
            bool(asked),
            True,
            "run(system(), clock='virtual') in a trace.",
        )
        if failure is not None:
            raise Failed(case, Line(f"fails: {failure or 'AssertionError'}"), Line("passes"), hint)
    for name, (bad, hint) in BAD.items():
        system, asked = _system(bad, USUAL)
        try:
            failure = _verdict(my_test, system, USUAL)
        except Failed:
            raise
        except Exception as error:
            raise Failed(name, _raised(error), Line("AssertionError"), hint) from error
        if failure is None:
            raise Failed(name, Line("passes"), Line("fails"), hint)
        expect(
            f"{name}: did your test run it",
            bool(asked),
            True,
            "Every system is run again: system() in a trace.",
        )
    return f"3 good systems pass, {len(BAD)} bad ones are caught"


def check_hedged(hedged):
    """Cases that can be named first, then seeds: what must hold in each race; what breaks it is
    shrunk and shown.
    """

    def ask(case, script, *, begun, seconds, got, hint, deadline=None):
        outcome = _hedge(hedged, script, deadline=deadline)
        if error := outcome["error"]:
            if len(script) == 1 and isinstance(error, Exception):
                raise error  # any call does that: the line where it happened says more
            hint += GROUP if isinstance(error, BaseExceptionGroup) else ""
            raise Failed(f"{case}: what came of it", _raised(error), got, hint)
        expect(f"{case}: calls begun at", outcome["begun"], begun, hint)
        came = outcome["got"]
        expect(f"{case}: what came of it", came, got, hint)
        expect(f"{case}: seconds", outcome["seconds"], seconds, hint)
        expect(f"{case}: calls still going on afterwards", outcome["open"], 0, CLEAN_UP)

    first, second, both = Line("answer 1"), Line("answer 2"), Line("Late: both failed")
    hint = "asyncio.wait(tasks, timeout=after) comes back as soon as the first has ended."
    ask("the first answers after 2 s, after=5", [2], begun=[0.0], seconds=2.0, got=first, hint=hint)
    hint = "After 5 s a second call, and the first goes on: do not cancel it yet."
    ask(
        "the first takes 30 s, the second 4",
        [30, 4],
        begun=[0.0, 5.0],
        seconds=9.0,
        got=second,
        hint=hint,
    )
    hint = "The first is still in the race when the second has begun."
    ask(
        "the first takes 7 s, the second 9",
        [7, 9],
        begun=[0.0, 5.0],
        seconds=7.0,
        got=first,
        hint=hint,
    )
    hint = (
        "The first failed before 5 s were over: the second begins at once. task.exception() tells."
    )
    ask("the first fails after 1 s", [-1, 4], begun=[0.0, 1.0], seconds=5.0, got=second, hint=hint)
    hint = "An error is no answer: as long as the other call goes on, wait for it."
    ask(
        "the first fails after 6 s, the second takes 4",
        [-6, 4],
        begun=[0.0, 5.0],
        seconds=9.0,
        got=second,
        hint=hint,
    )
    ask(
        "the second fails after 1 s, the first takes 8",
        [8, -1],
        begun=[0.0, 5.0],
        seconds=8.0,
        got=first,
        hint=hint,
    )
    hint = "Two calls at most; when both have failed, raise one of the errors."
    ask("both fail", [-1, -2], begun=[0.0, 1.0], seconds=3.0, got=both, hint=hint)
    ask("both fail, late", [-8, -2], begun=[0.0, 5.0], seconds=8.0, got=both, hint=hint)
    hint = "The caller may be cancelled while it waits. `try … finally` cleans up then, too."
    ask(
        "a deadline of 6 s around it",
        [30, 30],
        begun=[0.0, 5.0],
        seconds=6.0,
        got=Line("TimeoutError"),
        hint=hint,
        deadline=6,
    )
    if broke := [race for race in map(_drawn, range(SCHEDULES)) if _broken(hedged, race)]:
        race = _smallest(broke, lambda other: bool(_broken(hedged, other)))
        case = f"{len(broke)} of {SCHEDULES} schedules broke it; the smallest: {_words(race)}"
        raise Failed(case, *_broken(hedged, race))
    return (
        "2 calls at most, the first answer counts, and nothing goes on; "
        f"{SCHEDULES} schedules, and it holds in each"
    )


WAVE = 4.0  # the seconds of each worker

NO_LIMIT = "None is no limit: all of them work at once."
FEWER = "The last wave takes 4 s, too, however few are in it: math.ceil rounds up."
SIZES = {
    (12, 4): "Waves of four: how many waves are there, and how long does each take?",
    (10, 3): FEWER,
    (3, 10): "Three workers don't need ten seats: one wave, and it takes 4 s.",
    (7, 1): "One at a time: each takes 4 s.",
    (5, None): NO_LIMIT,
    (1000, None): NO_LIMIT,
    (100, 7): FEWER,
    (1000, 100): FEWER,
    (1, 1): FEWER,
}


def check_seconds_for(seconds_for):
    """The seconds that fan_out takes, for few workers and many, with and without a limit."""
    for (n, limit), hint in SIZES.items():
        seats = "no limit" if limit is None else f"{limit} at a time"
        case = f"{n:,} workers, {seats}"
        with trace() as measured:
            got = call_plain(seconds_for, n, limit)
        if measured.seconds:
            hint = "The figure has run it for you. Make the seconds of n and max_concurrency."
            raise Failed(f"{case}: how you know", Line("you run it"), Line("a formula"), hint)
        expect(f"{case}: seconds", got, _measure(n, limit), hint)
    return f"as fan_out takes, to the second, for {len(SIZES)} sizes"


def _measure(n, limit):
    with trace() as fanned_out:
        run(fan_out({str(i): asyncio.sleep(WAVE) for i in range(n)}, limit), clock="virtual")
    return fanned_out.seconds


async def one_by_one(question, planner, workers, synthesizer):
    plan = await make_plan(question, planner, workers)
    parts = [await run_subtask(subtask, workers[subtask.kind]) for subtask in plan.subtasks]
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)


async def quickest_first(question, planner, workers, synthesizer):
    plan = await make_plan(question, planner, workers)
    jobs = {subtask.kind: run_subtask(subtask, workers[subtask.kind]) for subtask in plan.subtasks}
    first = await jobs.pop("w3")
    parts = [first, *await asyncio.gather(*jobs.values())]
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)


async def one_seat(*people):
    return await orchestrate(*people, max_concurrency=1)


class Blocking:
    def __init__(self, agent):
        self.name, self.agent = agent.name, agent

    async def run(self, prompt):
        time.sleep(0.002)
        await self.agent.run("at once")
        return "found"


async def with_a_pause(*people):
    await asyncio.sleep(1)
    return await orchestrate(*people)


async def blocking(question, planner, workers, synthesizer):
    workers = {kind: Blocking(worker) for kind, worker in workers.items()}
    return await orchestrate(question, planner, workers, synthesizer)


async def one_forgotten(question, planner, workers, synthesizer):
    plan = await make_plan(question, planner, workers)
    asked = [subtask for subtask in plan.subtasks if subtask.kind != "w3"]
    parts = await asyncio.gather(
        *(run_subtask(subtask, workers[subtask.kind]) for subtask in asked)
    )
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)


async def one_for_another(question, planner, workers, synthesizer):
    plan = await make_plan(question, planner, workers)
    mixed_up = workers | {"w1": workers["w3"]}
    parts = await asyncio.gather(
        *(run_subtask(subtask, mixed_up[subtask.kind]) for subtask in plan.subtasks)
    )
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)


async def one_twice(question, planner, workers, synthesizer):
    plan = await make_plan(question, planner, workers)
    again = [subtask for subtask in plan.subtasks if subtask.kind == "w3"]
    parts = await asyncio.gather(*(run_subtask(s, workers[s.kind]) for s in plan.subtasks + again))
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)


RAISE = (
    "A test says no with `assert`; what it returns nobody reads. Compare the seconds of the trace: "
    "a real clock sees none of them."
)

BAD = {
    "the workers are awaited in a loop": (one_by_one, RAISE),
    "a limit of 1 was left in": (one_seat, RAISE),
    "one worker of 0.5 s is awaited before the others begin": (
        quickest_first, "Half a second of 16: a tolerance overlooks it. Compare with ==.",
    ),
    "one second of pause before the plan": (
        with_a_pause, "Something waits that is no call. Compare t.seconds with ==.",
    ),
    "the workers hold up the event loop: no virtual time": (
        blocking,
        "It takes less than it should, so <= is content. "
        "Take the seconds from `seconds`, compare with ==.",
    ),
    "one worker is never asked": (
        one_forgotten,
        "The right time, for a worker that was not the slowest. Count the calls: len(t.calls).",
    ),
    "one worker is asked twice, another one never": (
        one_for_another,
        "As many calls as agents, and one of them asked twice: look at `call.agent`.",
    ),
    "all workers are asked, and one of them twice": (
        one_twice, "The right time and every name, with one call too many: count the calls, too.",
    ),
}  # fmt: skip


def _system(function, seconds):
    """`system()` as the exercise describes it, and a list of the calls made."""
    kinds = {f"w{number}": took for number, took in enumerate(seconds["workers"], 1)}
    subtasks = [Subtask(kind=kind, task=f"What of {kind}?", needs=[]) for kind in kinds]
    took = {"planner": seconds["planner"], "synthesizer": seconds["synthesizer"], **kinds}
    plan, asked = Plan(subtasks=subtasks).model_dump_json(), []

    def model(body):
        name = body["system"]
        asked.append(name)
        text = plan if name == "planner" else f"from {name}"
        wait = 0.0 if body["messages"][0]["content"] == "at once" else took[name]
        return {"content": [{"type": "text", "text": text}], "seconds": wait}

    client = fake_client(model)
    cast = {name: Agent(name, HAIKU, name, client=client) for name in took}

    async def system(*arguments):
        if arguments:
            hint = (
                "It takes nothing: the question and the agents are in it. "
                "So `played` is no use here."
            )
            raise Failed(
                "how your test calls system",
                Line(f"with {len(arguments)} arguments"),
                Line("system()"),
                hint,
            )
        team = {kind: cast[kind] for kind in kinds}
        return await function(QUESTION, cast["planner"], team, cast["synthesizer"])

    return system, asked


def _verdict(my_test, system, seconds):
    """None where the test passes, else the message of its AssertionError."""
    try:
        call_plain(my_test, system, copy.deepcopy(seconds))
    except AssertionError as error:
        return str(error)
    return None


def _raised(error):
    """An error, in the place where an answer should be; of a group, what is in it."""
    inner = getattr(error, "exceptions", None)
    return Line(f"{type(error).__name__}: {', '.join(map(repr, inner)) if inner else error}")


GROUP = " A TaskGroup ends both calls when one fails: asyncio.create_task, and `finally`."

CLEAN_UP = "In `finally`, cancel every task that you made; a task that is done does not mind."

NEVER = 1000


class Late(Exception):
    """What a call of the check fails with."""


def _hedge(hedged, script, after=5, deadline=None):
    """One use of the learner's function: when calls began, what came of it, after how long, what
    went on.

    script: the seconds of each call; a negative number fails after so many.
    """
    begun, state = [], {"open": 0, "error": None, "failed": 0}

    async def ask():
        number = len(begun)
        begun.append(asyncio.get_running_loop().time())
        if number >= 2:
            raise AssertionError("a third call was made")
        state["open"] += 1
        try:
            took = script[number] if number < len(script) else 1
            await asyncio.sleep(abs(took))
            if took < 0:
                state["failed"] += 1
                raise Late(f"call {number + 1} failed")
            return Line(f"answer {number + 1}")
        finally:
            state["open"] -= 1

    async def main():
        loop = asyncio.get_running_loop()
        # an error that nobody asked a task for is no news here
        loop.set_exception_handler(lambda *_: None)
        try:
            async with asyncio.timeout(deadline or NEVER) as limit:
                got = await call_async(hedged, ask, after)
        except Late:
            got = (
                Line("Late: both failed")
                if state["failed"] == 2
                else Line("Late: the error of one call")
            )
        except TimeoutError:
            got = Line("TimeoutError" if deadline or not limit.expired() else "nothing")
        except AssertionError as error:  # the one of `ask`
            got = Line(error)
        except (Exception, asyncio.CancelledError) as error:
            got, state["error"] = None, error
        took = loop.time()
        await asyncio.sleep(0.001)  # a cancelled task ends when the loop comes round to it
        return {"begun": begun, "got": got, "seconds": took, **state}

    return run(main(), clock="virtual")


# ---- races, and making them small


class Race(NamedTuple):
    """The seconds of each call, negative where it fails then; `after`; and the deadline around it,
    or none.
    """

    first: float
    second: float
    after: float
    deadline: float | None = None


def _drawn(seed):
    """A race by chance, in half seconds. The same seed draws the same one."""
    draw = random.Random(seed)

    def seconds(most):
        return draw.randint(1, 2 * most) / 2

    while True:
        calls = [seconds(12) * draw.choice((1, 1, -1)) for _ in range(2)]
        race = Race(*calls, seconds(8), seconds(12) if draw.random() < 0.3 else None)
        if not _tied(race):
            return race


def _second_begins(race):
    """The second call's beginning, were nobody to cancel: at `after`, or when the first has failed
    before; or None.
    """
    return None if 0 < race.first < race.after else min(abs(race.first), race.after)


def _tied(race):
    """Whether two things fall on one second: then either order is right."""
    begins = _second_begins(race)
    moments = [abs(race.first), race.after, begins and begins + abs(race.second), race.deadline]
    moments = [moment for moment in moments if moment]
    return len(moments) != len(set(moments))


def _must(race):
    """What must come of a race, as `_hedge` says it."""
    begun, ends = [0.0], {1: race.first}
    if begins := _second_begins(race):
        begun.append(begins)
        ends[2] = copysign(begins + abs(race.second), race.second)
    answers = {end: number for number, end in ends.items() if end > 0}
    seconds = min(answers) if answers else max(map(abs, ends.values()))
    got = f"answer {answers[seconds]}" if answers else "Late: both failed"
    if race.deadline and race.deadline < seconds:
        seconds, got, begun = (
            race.deadline,
            "TimeoutError",
            [begin for begin in begun if begin < race.deadline],
        )
    return {"begun": begun, "got": got, "seconds": seconds, "open": 0}


def _broken(hedged, race):
    """Yours, what was expected, and a hint, where the learner's function breaks what must hold;
    else None.
    """
    outcome, must = _hedge(hedged, race[:2], race.after, race.deadline), _must(race)
    if error := outcome["error"]:
        hint = (
            GROUP
            if isinstance(error, BaseExceptionGroup)
            else "No call failed with this: it comes from your code."
        )
        return _came_of(outcome | {"got": _raised(error)}), _came_of(must), hint.strip()
    wrong = next((what for what in HINTS if outcome[what] != must[what]), None)
    return wrong and (_came_of(outcome), _came_of(must), HINTS[wrong])


HINTS = {
    "begun": (
        "Two calls at most. The second begins `after` seconds after the first, "
        "or as soon as that has failed."
    ),
    "got": (
        "The first answer counts, an error only when both have failed; "
        "and when you are cancelled, let that error propagate."
    ),
    "seconds": (
        "Come back with the first answer, or with the second failure: neither before nor later."
    ),
    "open": f"{CLEAN_UP} Nothing is awaited before the `try`: it may be cancelled there, too.",
}


def _came_of(outcome):
    going_on = f"; calls still going on: {outcome['open']}" if outcome["open"] else ""
    begun = " and ".join(f"{begin:g}" for begin in outcome["begun"]) or "no time"
    return Line(
        f"{outcome['got']}, after {outcome['seconds']:g} s; calls begun at {begun}{going_on}"
    )


def _smallest(races, breaks):
    """Of races that break, one with the fewest failures, made simpler while it still breaks."""
    race = min(
        races,
        key=lambda race: (race.deadline is not None, sum(seconds < 0 for seconds in race[:2])),
    )
    while simpler := next((one for one in _simpler(race) if not _tied(one) and breaks(one)), None):
        race = simpler
    return race


def _simpler(race):
    """Races with one thing less: a deadline, a failure, a half second, seconds."""
    if race.deadline:
        yield race._replace(deadline=None)
    for call in ("first", "second"):
        if getattr(race, call) < 0:
            yield race._replace(**{call: -getattr(race, call)})
    numbers = {name: seconds for name, seconds in race._asdict().items() if seconds}
    for name, seconds in numbers.items():
        if seconds % 1:
            yield from (
                race._replace(**{name: seconds + half})
                for half in (0.5, -0.5)
                if abs(seconds + half) >= 1
            )
    for name, seconds in numbers.items():
        least = 0.5 if seconds % 1 else 1.0
        while least < abs(seconds):
            yield race._replace(**{name: copysign(least, seconds)})
            least += 1


def _words(race):
    def does(seconds):
        return f"{'fails' if seconds < 0 else 'answers'} after {abs(seconds):g} s"

    text = f"after={race.after:g}, the first {does(race.first)}"
    text += f", the second {does(race.second)}" if _second_begins(race) else ""
    return text + (f", with a deadline of {race.deadline:g} s around it" if race.deadline else "")
