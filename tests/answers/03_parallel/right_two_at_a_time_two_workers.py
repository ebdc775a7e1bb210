# right: two workers that take the next job from one iterator
import asyncio


async def two_at_a_time(jobs):
    results, left = dict.fromkeys(jobs), iter(jobs.items())

    async def work():
        for name, job in left:
            results[name] = await job

    async with asyncio.TaskGroup() as group:
        group.create_task(work())
        group.create_task(work())
    return results
