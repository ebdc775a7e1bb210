# right: an error of its own that is a RuntimeError
class CriticalMissing(RuntimeError):
    pass


async def orchestrate_or_raise(question, planner, workers, synthesizer, critical):
    plan = await make_plan(question, planner, workers)
    jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(plan.subtasks)}
    parts = list((await fan_out(jobs)).values())
    lost = {part.subtask.kind for part in parts if part.missing} & set(critical)
    if lost:
        raise CriticalMissing(" and ".join(sorted(lost)))
    if all(part.missing for part in parts):
        raise AllWorkersFailed(parts)
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)
