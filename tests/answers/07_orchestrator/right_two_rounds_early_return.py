# right: no second round where there is nothing to do
async def two_rounds(plan, workers, what_next):
    def jobs(subtasks):
        return {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(subtasks)}

    parts = list((await fan_out(jobs(plan.subtasks))).values())
    further = what_next(parts)
    if not further:
        return parts
    return parts + list((await fan_out(jobs(further))).values())
