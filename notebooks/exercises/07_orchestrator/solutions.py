"""Solutions to the exercises of 07_orchestrator."""

from mas_helpers import fan_out
from mas_helpers.agents import (
    AllWorkersFailed,
    OrchestrationResult,
    make_plan,
    run_subtask,
    synthesis_prompt,
)


async def orchestrate_or_raise(question, planner, workers, synthesizer, critical):
    plan = await make_plan(question, planner, workers)
    jobs = {
        str(n): run_subtask(subtask, workers[subtask.kind])
        for n, subtask in enumerate(plan.subtasks)
    }
    parts = list((await fan_out(jobs)).values())
    if lost := [
        part.subtask.kind for part in parts if part.missing and part.subtask.kind in critical
    ]:
        raise RuntimeError(f"no answer without: {', '.join(lost)}")
    if all(part.missing for part in parts):
        raise AllWorkersFailed(parts)
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)


async def parts_with_retry(plan, workers):
    async def twice(subtask):
        worker = workers[subtask.kind]
        part = await run_subtask(subtask, worker)
        return await run_subtask(subtask, worker) if part.missing else part

    jobs = {str(n): twice(subtask) for n, subtask in enumerate(plan.subtasks)}
    return list((await fan_out(jobs)).values())


async def two_rounds(plan, workers, what_next):
    async def carry_out(subtasks):
        jobs = {str(n): run_subtask(one, workers[one.kind]) for n, one in enumerate(subtasks)}
        return list((await fan_out(jobs)).values())

    parts = await carry_out(plan.subtasks)
    return parts + await carry_out(what_next(parts))
