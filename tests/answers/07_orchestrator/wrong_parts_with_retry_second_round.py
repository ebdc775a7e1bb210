# wrong: the second try waits for the slowest
async def parts_with_retry(plan, workers):
    def job(one):
        return run_subtask(one, workers[one.kind])

    parts = await fan_out({n: job(one) for n, one in enumerate(plan.subtasks)})
    parts |= await fan_out({n: job(part.subtask) for n, part in parts.items() if part.missing})
    return list(parts.values())
