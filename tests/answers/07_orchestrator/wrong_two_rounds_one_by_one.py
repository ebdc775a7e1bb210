# wrong: the second round is done one after the other
async def two_rounds(plan, workers, what_next):
    jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(plan.subtasks)}
    parts = list((await fan_out(jobs)).values())
    return parts + [await run_subtask(one, workers[one.kind]) for one in what_next(parts)]
