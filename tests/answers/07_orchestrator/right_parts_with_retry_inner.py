# right: a function inside, and fan_out
async def parts_with_retry(plan, workers):
    async def twice(one):
        part = await run_subtask(one, workers[one.kind])
        if part.missing:
            part = await run_subtask(one, workers[one.kind])
        return part

    return list((await fan_out({n: twice(one) for n, one in enumerate(plan.subtasks)})).values())
