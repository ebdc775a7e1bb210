# wrong: one after the other
async def parts_with_retry(plan, workers):
    parts = []
    for one in plan.subtasks:
        part = await run_subtask(one, workers[one.kind])
        parts.append(await run_subtask(one, workers[one.kind]) if part.missing else part)
    return parts
