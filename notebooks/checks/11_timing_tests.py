"""The checks of 11_timing_tests: a test tested on sound and bad systems, plans by kind, who is asked twice and when."""

import asyncio
import copy
import inspect
import time

from mas_helpers import HAIKU, Agent, Orchestrated, Plan, Subtask, attempted, fake_client, orchestrate, planned, run
from mas_helpers.checks import Failed, Line, expect, expect_async
from mas_helpers.outcomes import put_together

QUESTION = "Does the night bus pay?"
USUAL = {"planner": 3.0, "workers": [4.0, 6.0, 0.5, 5.0], "synthesizer": 7.0}  # 0.5: a tolerance overlooks it
TWO = USUAL | {"workers": [9.0, 2.0]}
INEXACT = {"planner": 2.0, "workers": [1.0, 0.4, 2.3], "synthesizer": 4.1}  # 8.399999999999999, in any order


def check_my_test(my_test):
    """The learner's test passes three sound systems and catches all bad ones."""
    if inspect.iscoroutinefunction(my_test):
        raise Failed(
            "what you handed over", Line("async def"), Line("def"), "A plain function: run(…) is called in it."
        )
    usual = "Run system() in a trace. Planner, slowest worker, synthesizer; and as many calls as there are agents."
    inexact = "2.0 + 2.3 + 4.1 is 8.399999999999999 in Python: round(…, 6) what you expect."
    for seconds, hint in ((USUAL, usual), (TWO, usual), (INEXACT, inexact)):
        system, asked = _system(orchestrate, seconds)
        case = f"a sound system of {len(seconds['workers'])} workers, {seconds['workers']} s"
        said = _verdict(my_test, system, seconds)
        expect(f"{case}: did your test run it", bool(asked), True, "run(system(), clock='virtual') in a trace.")
        if said is not None:
            raise Failed(case, Line(f"fails: {said or 'AssertionError'}"), Line("passes"), hint)
    for name, (bad, hint) in BAD.items():
        system, asked = _system(bad, USUAL)
        try:
            said = _verdict(my_test, system, USUAL)
        except Failed:
            raise
        except Exception as error:
            raise Failed(name, _raised(error), Line("AssertionError"), hint) from error
        if said is None:
            raise Failed(name, Line("passes"), Line("fails"), hint)
        expect(f"{name}: did your test run it", bool(asked), True, "Every system is run anew: system() in a trace.")
    return f"3 sound systems pass, {len(BAD)} bad ones are caught"


def check_alike_in_kinds(alike_in_kinds):
    """Shared kinds over all, with their numbers; in both directions, at both ends."""
    if inspect.iscoroutinefunction(alike_in_kinds):
        raise Failed("what you handed over", Line("async def"), Line("def"), "A plain function, no `async`.")

    def ask(case, kinds, others, expected, hint):
        plan, other = _plan(kinds, "What of part"), _plan(others, "Look at share")
        before = plan.model_dump(), other.model_dump()
        for one, two, way in ((plan, other, ""), (other, plan, ", the other way round")):
            try:
                got = alike_in_kinds(one, two)
            except Exception as error:
                if kinds == others == "abc":  # any pair does that: the line where it happened says more
                    raise
                raise Failed(f"{case}{way}", _raised(error), expected, hint) from error
            if not isinstance(got, int | float) or isinstance(got, bool):
                raise Failed(f"{case}{way}: what came back", got, Line("a number from 0 to 1"), hint)
            if abs(got - expected) > 0.006:
                raise Failed(f"{case}{way}", got, expected, hint)
        expect(f"{case}: the plans afterwards", (plan.model_dump(), other.model_dump()), before, "Leave them alone.")

    hint = "Compare the kinds alone, not the words of the tasks."
    ask("the same kinds, other words", "abc", "abc", 1.0, hint)
    ask("the same kinds in another order", "abc", "cab", 1.0, "The order says nothing.")
    ask("no kind in common", "ab", "cd", 0.0, "Nothing shared is 0.")
    ask("one of three in common", "ab", "bc", 1 / 3, "Divide by how many there are in either: a, b, c.")
    hint = "Counter(kinds) counts, a set does not: & takes the smaller number of each kind, | the larger."
    ask("loans, loans, costs and loans, costs, costs", "aab", "abb", 0.5, hint)
    ask("a kind twice and once", "aa", "a", 0.5, hint)
    ask("four subtasks and one of them", "abcd", "d", 0.25, "What only the longer plan has counts as well.")
    ask("a plan and an empty one", "ab", "", 0.0, "Nothing shared, something there: 0.")
    ask("two empty plans", "", "", 1.0, "Nothing to divide by: say 1.0 before you divide.")
    return "8 pairs and two empty plans, the same in both directions"


def check_hedged(hedged):
    """When the second call begins, whose answer counts, what happens to errors, and that nothing goes on."""
    expect_async(hedged)

    def ask(case, script, *, begun, seconds, got, hint, deadline=None):
        made = _hedge(hedged, script, deadline)
        if error := made["error"]:
            if len(script) == 1 and isinstance(error, Exception):
                raise error  # any call does that: the line where it happened says more
            group = " A TaskGroup ends both calls when one fails: asyncio.create_task, and `finally`."
            hint += group if isinstance(error, BaseExceptionGroup) else ""
            raise Failed(f"{case}: what came of it", _raised(error), got, hint)
        expect(f"{case}: calls begun at", made["begun"], begun, hint)
        came = made["got"]
        expect(f"{case}: what came of it", came, got, hint)
        expect(f"{case}: seconds", made["seconds"], seconds, hint)
        hint_end = "In `finally`, cancel every task that you made; a task that is done does not mind."
        expect(f"{case}: calls still going on afterwards", made["open"], 0, hint_end)

    first, second, both = Line("answer 1"), Line("answer 2"), Line("Late: both failed")
    hint = "asyncio.wait(tasks, timeout=after) comes back as soon as the first has ended."
    ask("the first answers after 2 s, after=5", [2], begun=[0.0], seconds=2.0, got=first, hint=hint)
    hint = "After 5 s a second call, and the first goes on: do not cancel it yet."
    ask("the first takes 30 s, the second 4", [30, 4], begun=[0.0, 5.0], seconds=9.0, got=second, hint=hint)
    hint = "The first is still in the race when the second has begun."
    ask("the first takes 7 s, the second 9", [7, 9], begun=[0.0, 5.0], seconds=7.0, got=first, hint=hint)
    hint = "The first failed before 5 s were over: the second begins at once. task.exception() tells."
    ask("the first fails after 1 s", [-1, 4], begun=[0.0, 1.0], seconds=5.0, got=second, hint=hint)
    hint = "An error is no answer: as long as the other call goes on, wait for it."
    ask("the first fails after 6 s, the second takes 4", [-6, 4], begun=[0.0, 5.0], seconds=9.0, got=second, hint=hint)
    ask("the second fails after 1 s, the first takes 8", [8, -1], begun=[0.0, 5.0], seconds=8.0, got=first, hint=hint)
    hint = "Two calls at most; when both have failed, raise one of the errors."
    ask("both fail", [-1, -2], begun=[0.0, 1.0], seconds=3.0, got=both, hint=hint)
    ask("both fail, late", [-8, -2], begun=[0.0, 5.0], seconds=8.0, got=both, hint=hint)
    hint = "Whoever waits for `hedged` may be cancelled. `try … finally` cleans up then, too."
    ask(
        "a deadline of 6 s around it", [30, 30], begun=[0.0, 5.0], seconds=6.0, got=Line("TimeoutError"),
        hint=hint, deadline=6,
    )  # fmt: skip
    return "2 calls at most, the first answer counts, and nothing goes on"


async def one_by_one(question, planner, workers, synthesizer):
    plan = await planned(question, planner, workers)
    parts = [await attempted(subtask, workers[subtask.kind]) for subtask in plan.subtasks]
    return Orchestrated(await synthesizer.run(put_together(question, parts)), parts)


async def quickest_first(question, planner, workers, synthesizer):
    plan = await planned(question, planner, workers)
    jobs = {subtask.kind: attempted(subtask, workers[subtask.kind]) for subtask in plan.subtasks}
    first = await jobs.pop("w3")
    parts = [first, *await asyncio.gather(*jobs.values())]
    return Orchestrated(await synthesizer.run(put_together(question, parts)), parts)


async def one_seat(*people):
    return await orchestrate(*people, limit=1)


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
    plan = await planned(question, planner, workers)
    asked = [subtask for subtask in plan.subtasks if subtask.kind != "w3"]
    parts = await asyncio.gather(*(attempted(subtask, workers[subtask.kind]) for subtask in asked))
    return Orchestrated(await synthesizer.run(put_together(question, parts)), parts)


async def one_for_another(question, planner, workers, synthesizer):
    plan = await planned(question, planner, workers)
    stands_in = workers | {"w1": workers["w3"]}
    parts = await asyncio.gather(*(attempted(subtask, stands_in[subtask.kind]) for subtask in plan.subtasks))
    return Orchestrated(await synthesizer.run(put_together(question, parts)), parts)


async def one_twice(question, planner, workers, synthesizer):
    plan = await planned(question, planner, workers)
    again = [subtask for subtask in plan.subtasks if subtask.kind == "w3"]
    parts = await asyncio.gather(*(attempted(s, workers[s.kind]) for s in plan.subtasks + again))
    return Orchestrated(await synthesizer.run(put_together(question, parts)), parts)


RAISE = "A test says no with `assert`; what it returns nobody reads. Compare the seconds of the trace."
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
        blocking, "It takes less than it should, so <= is content. Take the seconds from `seconds`, compare with ==.",
    ),
    "one worker is never asked": (
        one_forgotten, "The right time, for a worker that was not the slowest. Count the calls: len(t.calls).",
    ),
    "one worker is asked twice, another one never": (
        one_for_another, "As many calls as agents, and one of them asked twice: look at `call.agent`.",
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

    async def system(*given):
        if given:
            hint = "It takes nothing: the question and the agents are in it. So `played` is no use here."
            raise Failed("how your test calls system", Line(f"with {len(given)} arguments"), Line("system()"), hint)
        team = {kind: cast[kind] for kind in kinds}
        return await function(QUESTION, cast["planner"], team, cast["synthesizer"])

    return system, asked


def _verdict(my_test, system, seconds):
    """None where the test passes, else the message of its AssertionError."""
    try:
        my_test(system, copy.deepcopy(seconds))
    except AssertionError as error:
        return str(error)
    return None


def _raised(error):
    """An error, in the place where an answer should be; of a group, what is in it."""
    inner = getattr(error, "exceptions", None)
    return Line(f"{type(error).__name__}: {', '.join(map(repr, inner)) if inner else error}")


def _plan(kinds, words):
    names = {"a": "loans", "b": "costs", "c": "members", "d": "code"}
    return Plan(subtasks=[Subtask(kind=names[k], task=f"{words} {n}", needs=[]) for n, k in enumerate(kinds, 1)])


class Late(Exception):
    """What a call of the check fails with."""


def _hedge(hedged, script, deadline):
    """One use of the learner's function: when calls began, what came of it, after how long, what went on.

    script: the seconds of each call; a negative number fails after so many.
    """
    begun, state = [], {"open": 0, "error": None}

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
                raise Late(f"call {number + 1} failed")
            return Line(f"answer {number + 1}")
        finally:
            state["open"] -= 1

    async def main():
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(deadline):
                got = await hedged(ask, 5)
        except Late:
            got = Line("Late: both failed") if len(begun) == 2 else Line("Late: the error got out")
        except TimeoutError:
            got = Line("TimeoutError")
        except AssertionError as error:  # the one of `ask`
            got = Line(error)
        except (Exception, asyncio.CancelledError) as error:
            got, state["error"] = None, error
        took = loop.time()
        await asyncio.sleep(0.001)  # a cancelled task ends when the loop comes round to it
        return {"begun": begun, "got": got, "seconds": took, **state}

    return run(main(), clock="virtual")
