# wrong: any number of subtasks, where the task says 4 at most
async def orchestrate_or_raise(question, planner, workers, synthesizer, critical):
    plan = await make_plan(question, planner, workers, max_subtasks=100)
    jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(plan.subtasks)}
    parts = list((await fan_out(jobs)).values())
    for part in parts:
        if part.missing and part.subtask.kind in critical:
            raise RuntimeError(part.subtask.kind)
    if all(part.missing for part in parts):
        raise AllWorkersFailed(parts)
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)
