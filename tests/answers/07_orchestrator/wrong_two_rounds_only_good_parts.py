# wrong: what_next does not see what is missing
async def two_rounds(plan, workers, what_next):
    async def at_once(subtasks):
        jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(subtasks)}
        return list((await fan_out(jobs)).values())

    parts = await at_once(plan.subtasks)
    return parts + await at_once(what_next([part for part in parts if not part.missing]))
