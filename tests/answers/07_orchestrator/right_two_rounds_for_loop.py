# right: a loop of exactly two
async def two_rounds(plan, workers, what_next):
    parts, subtasks = [], plan.subtasks
    for last in (False, True):
        jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(subtasks)}
        parts += (await fan_out(jobs)).values()
        subtasks = [] if last else what_next(list(parts))
    return parts
