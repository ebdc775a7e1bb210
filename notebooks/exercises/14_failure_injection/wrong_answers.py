"""Tempting wrong answers to the exercises of 14_failure_injection, and what is wrong with them."""

from mas_helpers import fan_out
from mas_helpers.agents import (
    AllWorkersFailed,
    Subtask,
    run_subtask,
    synthesis_prompt,
    with_deadline,
)


async def small(question, tasks, workers, synthesizer):
    """The deadline is around the workers, because there are many of them.

    The synthesizer is a call like any other, and it may hang, too. Then the whole takes as long as
    it likes.

    Ask back: which line of yours can still wait when the 40 seconds are over?
    """
    subtasks = {n: Subtask(kind=n, task=task, needs=[]) for n, task in tasks.items()}
    jobs = {n: run_subtask(subtask, workers[n]) for n, subtask in subtasks.items()}
    parts = list((await with_deadline(fan_out(jobs), 40.0)).values())
    if all(part.missing for part in parts):
        raise AllWorkersFailed(parts)
    text = await synthesizer.run(synthesis_prompt(question, parts))
    return text, [part.subtask.kind for part in parts if part.missing]


def shrunk(faults, breaks):
    """It leaves each fault out of the whole list, not out of what is left.

    Where either of two faults is enough, the system breaks without the one and without the other.
    So both go, and the list that comes back breaks nothing.

    Ask back: did you ever run the list that you return?
    """
    return [one for n, one in enumerate(faults) if not breaks(faults[:n] + faults[n + 1 :])]


def unsaid_routed(routed):
    """A `fallback_reason` closes the case here.

    It says why the default had to answer. It says nothing about the answer itself, so half a
    sentence, or none, passes.

    Ask back: what does a `fallback_reason` excuse, and what doesn't it?
    """
    if routed.fallback_reason:
        return []
    if routed.answer != "billing: done":
        return [f"{routed.agent} answered, and nothing says why"]
    return []
