# wrong: jobs under the name of their kind
async def orchestrate_or_raise(question, planner, workers, synthesizer, critical):
    plan = await make_plan(question, planner, workers)
    jobs = {one.kind: run_subtask(one, workers[one.kind]) for one in plan.subtasks}
    parts = list((await fan_out(jobs)).values())
    for part in parts:
        if part.missing and part.subtask.kind in critical:
            raise RuntimeError(part.subtask.kind)
    if all(part.missing for part in parts):
        raise AllWorkersFailed(parts)
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)
