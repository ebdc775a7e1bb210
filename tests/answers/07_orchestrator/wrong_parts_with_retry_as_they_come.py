# wrong: in the order in which they were done
import asyncio


async def parts_with_retry(plan, workers):
    parts = []

    async def job(one):
        part = await run_subtask(one, workers[one.kind])
        parts.append(await run_subtask(one, workers[one.kind]) if part.missing else part)

    await asyncio.gather(*map(job, plan.subtasks))
    return parts
