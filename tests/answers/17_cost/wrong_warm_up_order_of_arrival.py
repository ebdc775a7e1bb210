# wrong: the results come in the order in which they were done

import asyncio


async def warm_up(warm, jobs):
    await asyncio.gather(warm, return_exceptions=True)
    results = {}

    async def kept(name, job):
        results[name] = await job

    async with asyncio.TaskGroup() as group:
        for name, job in jobs.items():
            group.create_task(kept(name, job))
    return results
