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
    """The workers are many, so the deadline went around them.

    The synthesizer is a call like any other and may hang too: the whole then takes as long as it
    likes.

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
    """Each fault is left out of the whole list, not of what is left.

    Where either of two is enough, the system breaks without the one and without the other, so both
    go, and what you hold breaks nothing.

    Ask back: is there a list that you never ran, and that you hand back all the same?
    """
    return [one for n, one in enumerate(faults) if not breaks(faults[:n] + faults[n + 1 :])]


def unsaid_routed(routed):
    """A `fallback_reason` closes the case here.

    It says why the default had to answer, and nothing of what the default said: half a sentence, or
    none, gets through under it.

    Ask back: what does a `fallback_reason` excuse? Which field does your function not read when
    there is one?
    """
    if routed.fallback_reason:
        return []
    if routed.answer != "billing: done":
        return [f"{routed.agent} answered, and nothing says why"]
    return []
