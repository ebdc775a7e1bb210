# wrong: show(result, name)
import asyncio


async def as_they_come(jobs, show):
    async def one(name, job):
        result = await job
        show(result, name)
        return result

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(one(name, job)) for name, job in jobs.items()}
    return {name: task.result() for name, task in tasks.items()}
