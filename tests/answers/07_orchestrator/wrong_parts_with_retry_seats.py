# wrong: a seat for each kind, not for each subtask
async def parts_with_retry(plan, workers):
    async def job(one):
        part = await run_subtask(one, workers[one.kind])
        return await run_subtask(one, workers[one.kind]) if part.missing else part

    jobs = {n: job(one) for n, one in enumerate(plan.subtasks)}
    return list((await fan_out(jobs, max_concurrency=3)).values())
