# wrong: asks once
async def parts_with_retry(plan, workers):
    jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(plan.subtasks)}
    return list((await fan_out(jobs)).values())
