# wrong: the second failure is an error
async def parts_with_retry(plan, workers):
    async def job(one):
        part = await run_subtask(one, workers[one.kind])
        if part.missing:
            return replace(part, answer=await workers[one.kind].run(one.task), missing="")
        return part

    return list((await fan_out({n: job(one) for n, one in enumerate(plan.subtasks)})).values())
