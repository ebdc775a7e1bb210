# wrong: the planner's first plan, whatever it is
from mas_helpers.agents import Plan


async def orchestrate_or_raise(question, planner, workers, synthesizer, critical):
    plan = await planner.parse(question, Plan)
    jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(plan.subtasks)}
    parts = list((await fan_out(jobs)).values())
    for part in parts:
        if part.missing and part.subtask.kind in critical:
            raise RuntimeError(part.subtask.kind)
    if all(part.missing for part in parts):
        raise AllWorkersFailed(parts)
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)
