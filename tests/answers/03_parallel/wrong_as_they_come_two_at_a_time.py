# wrong: only two at once
import asyncio


async def as_they_come(jobs, show):
    seats = asyncio.Semaphore(2)

    async def one(name):
        async with seats:
            result = await jobs[name]
        show(name, result)
        return result

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(one(name)) for name in jobs}
    return {name: task.result() for name, task in tasks.items()}
