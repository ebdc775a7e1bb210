# wrong: a further part takes the place of the one with its kind
async def two_rounds(plan, workers, what_next):
    jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(plan.subtasks)}
    parts = {part.subtask.kind: part for part in (await fan_out(jobs)).values()}
    jobs = {one.kind: run_subtask(one, workers[one.kind]) for one in what_next([*parts.values()])}
    return list((parts | await fan_out(jobs)).values())
