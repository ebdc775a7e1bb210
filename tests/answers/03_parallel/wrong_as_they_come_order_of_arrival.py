# wrong: the dictionary is in the order of arrival
import asyncio


async def as_they_come(jobs, show):
    results = {}

    async def one(name):
        results[name] = await jobs[name]
        show(name, results[name])

    async with asyncio.TaskGroup() as group:
        for name in jobs:
            group.create_task(one(name))
    return results
