# wrong: shows each one on arrival, and all of them at the end
import asyncio


async def as_they_come(jobs, show):
    async def one(name, job):
        result = await job
        show(name, result)
        return result

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(one(name, job)) for name, job in jobs.items()}
    for name, task in tasks.items():
        show(name, task.result())
    return {name: task.result() for name, task in tasks.items()}
