# wrong: goes on until nothing is left to do
async def two_rounds(plan, workers, what_next):
    parts, subtasks = [], plan.subtasks
    while subtasks:
        jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(subtasks)}
        parts += list((await fan_out(jobs)).values())
        subtasks = what_next(parts)
    return parts
