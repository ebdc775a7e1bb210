# wrong: asks again until an answer comes
async def parts_with_retry(plan, workers):
    async def job(one):
        while (part := await run_subtask(one, workers[one.kind])).missing:
            pass
        return part

    return list((await fan_out({n: job(one) for n, one in enumerate(plan.subtasks)})).values())
