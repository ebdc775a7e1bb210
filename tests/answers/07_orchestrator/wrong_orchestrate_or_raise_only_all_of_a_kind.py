# wrong: only if every part of a critical kind is missing
async def orchestrate_or_raise(question, planner, workers, synthesizer, critical):
    plan = await make_plan(question, planner, workers)
    jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(plan.subtasks)}
    parts = list((await fan_out(jobs)).values())
    done = {part.subtask.kind for part in parts if not part.missing}
    for part in parts:
        if part.subtask.kind in critical and part.subtask.kind not in done:
            raise RuntimeError(part.subtask.kind)
    if all(part.missing for part in parts):
        raise AllWorkersFailed(parts)
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)
