"""Solutions to the exercises of 14_failure_injection."""

from mas_helpers import fan_out
from mas_helpers.agents import (
    AllWorkersFailed,
    Subtask,
    run_subtask,
    synthesis_prompt,
    with_deadline,
)


async def small(question, tasks, workers, synthesizer):
    async def work():
        jobs = {
            name: run_subtask(Subtask(kind=name, task=task, needs=[]), workers[name])
            for name, task in tasks.items()
        }
        parts = list((await fan_out(jobs)).values())
        if all(part.missing for part in parts):
            raise AllWorkersFailed(parts)
        text = await synthesizer.run(synthesis_prompt(question, parts))
        return text, [part.subtask.kind for part in parts if part.missing]

    return await with_deadline(work(), 40.0)


def shrunk(faults, breaks):
    left, place = list(faults), 0
    while place < len(left):
        fewer = left[:place] + left[place + 1 :]
        if breaks(fewer):
            left, place = fewer, 0  # again from the start: what was needed may not be any more
        else:
            place += 1
    return left


def unsaid_routed(routed):
    problems = []
    if routed.answer != f"{routed.agent}: done":
        problems.append(f"the answer is not what {routed.agent} says")
    if routed.agent != "billing" and not routed.fallback_reason:
        problems.append(f"{routed.agent} answered, and nothing says why")
    return problems
