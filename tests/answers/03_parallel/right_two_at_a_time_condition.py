# right: a condition and a counter instead of a semaphore
import asyncio


async def two_at_a_time(jobs):
    free, at_work, results = asyncio.Condition(), set(), {}

    async def one(name):
        async with free:
            await free.wait_for(lambda: len(at_work) < 2)
            at_work.add(name)
        try:
            results[name] = await jobs[name]
        finally:
            async with free:
                at_work.remove(name)
                free.notify_all()

    async with asyncio.TaskGroup() as group:
        for name in jobs:
            group.create_task(one(name))
    return {name: results[name] for name in jobs}
