# wrong: returns the second round alone
async def two_rounds(plan, workers, what_next):
    jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(plan.subtasks)}
    parts = list((await fan_out(jobs)).values())
    if further := what_next(parts):
        jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(further)}
        return list((await fan_out(jobs)).values())
    return parts
