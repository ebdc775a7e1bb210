# wrong: waits for the jobs in their order, and shows late
import asyncio


async def as_they_come(jobs, show):
    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(job) for name, job in jobs.items()}
        for name, task in tasks.items():
            show(name, await task)
    return {name: task.result() for name, task in tasks.items()}
