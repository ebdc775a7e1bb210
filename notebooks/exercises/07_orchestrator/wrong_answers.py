"""Tempting wrong answers to the exercises of 07_orchestrator, and what is wrong with them."""

from mas_helpers import fan_out, orchestrate
from mas_helpers.agents import run_subtask


async def orchestrate_or_raise(question, planner, workers, synthesizer, critical):
    """`orchestrate` comes back when the synthesizer has answered.

    The error is right, but too late: the most expensive call of the run was paid for a text that's
    thrown away.

    Ask back: at which moment is it known that a critical part is missing? What is paid after that?
    """
    result = await orchestrate(question, planner, workers, synthesizer)
    lost = [part.subtask.kind for part in result.parts if part.missing]
    if gone := [kind for kind in lost if kind in critical]:
        raise RuntimeError(f"no answer without: {', '.join(gone)}")
    return result


async def parts_with_retry(plan, workers):
    """The second round begins when the first is over.

    A worker that failed in second 1 waits for the slowest one before it may try again, and the two
    waits add up.

    Ask back: what does the worker that failed first do until second 5? Whom does its second attempt
    need?
    """

    def job(subtask):
        return run_subtask(subtask, workers[subtask.kind])

    parts = await fan_out({n: job(subtask) for n, subtask in enumerate(plan.subtasks)})
    again = await fan_out({n: job(part.subtask) for n, part in parts.items() if part.missing})
    return list((parts | again).values())


async def two_rounds(plan, workers, what_next):
    """It asks what is missing until nothing is.

    A worker that fails every time is asked for ever, and each round is paid.

    Ask back: what does `what_next` say if the lawyer can never be reached?
    """
    parts, subtasks = [], plan.subtasks
    while subtasks:
        jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(subtasks)}
        done = list((await fan_out(jobs)).values())
        parts += done
        subtasks = what_next(done)
    return parts
