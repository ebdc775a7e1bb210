# right: gather over a for loop with a break
import asyncio


async def parts_with_retry(plan, workers):
    async def one(subtask):
        for _ in range(2):
            part = await run_subtask(subtask, workers[subtask.kind])
            if not part.missing:
                return part
        return part

    return await asyncio.gather(*map(one, plan.subtasks))
