# wrong: in the order in which they are done
import asyncio

from mas_helpers import run_pipeline


async def review_all(tasks, stages):
    reviews = {}

    async def one(name):
        reviews[name] = await run_pipeline(tasks[name], stages)

    async with asyncio.TaskGroup() as group:
        for name in tasks:
            group.create_task(one(name))
    return reviews
