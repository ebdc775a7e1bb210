# right: one helper for both rounds
async def carry_out(subtasks, workers):
    jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(subtasks)}
    return list((await fan_out(jobs)).values())


async def two_rounds(plan, workers, what_next):
    parts = await carry_out(plan.subtasks, workers)
    return [*parts, *await carry_out(what_next(parts), workers)]
