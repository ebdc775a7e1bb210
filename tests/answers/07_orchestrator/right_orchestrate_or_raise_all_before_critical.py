# right: says that all failed first, where nothing is critical
async def orchestrate_or_raise(question, planner, workers, synthesizer, critical):
    plan = await make_plan(question, planner, workers)
    jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(plan.subtasks)}
    parts = list((await fan_out(jobs)).values())
    missing = [part.subtask.kind for part in parts if part.missing]
    gone = [kind for kind in missing if kind in critical]
    if len(missing) == len(parts) and not gone:
        raise AllWorkersFailed(parts)
    if gone:
        raise RuntimeError(f"no answer without: {gone}")
    text = await synthesizer.run(synthesis_prompt(question, parts))
    return OrchestrationResult(text, parts)
