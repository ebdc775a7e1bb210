# right: its synthesizer's failure is a SynthesisFailed
async def orchestrate_or_raise(question, planner, workers, synthesizer, critical):
    plan = await make_plan(question, planner, workers)
    jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(plan.subtasks)}
    parts = list((await fan_out(jobs)).values())
    if gone := [p.subtask.kind for p in parts if p.missing and p.subtask.kind in critical]:
        raise RuntimeError(f"no answer without: {gone}")
    if all(part.missing for part in parts):
        raise AllWorkersFailed(parts)
    try:
        text = await synthesizer.run(synthesis_prompt(question, parts))
    except NoAnswer as error:
        raise SynthesisFailed(str(error), parts) from error
    return OrchestrationResult(text, parts)
