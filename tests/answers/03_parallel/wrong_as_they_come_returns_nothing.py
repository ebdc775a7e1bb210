# wrong: shows everything and returns nothing
import asyncio


async def as_they_come(jobs, show):
    async def one(name):
        show(name, await jobs[name])

    async with asyncio.TaskGroup() as group:
        for name in jobs:
            group.create_task(one(name))
