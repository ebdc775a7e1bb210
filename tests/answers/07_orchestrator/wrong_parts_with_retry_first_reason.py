# wrong: keeps the first reason
async def parts_with_retry(plan, workers):
    async def job(one):
        first = await run_subtask(one, workers[one.kind])
        second = await run_subtask(one, workers[one.kind]) if first.missing else first
        return first if second.missing else second

    return list((await fan_out({n: job(one) for n, one in enumerate(plan.subtasks)})).values())
