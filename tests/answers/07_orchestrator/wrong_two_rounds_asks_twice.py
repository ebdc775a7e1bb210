# wrong: asks what_next whether, and then again what
async def two_rounds(plan, workers, what_next):
    async def at_once(subtasks):
        jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(subtasks)}
        return list((await fan_out(jobs)).values())

    parts = await at_once(plan.subtasks)
    if what_next(parts):
        parts += await at_once(what_next(parts))
    return parts
