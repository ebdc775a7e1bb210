# wrong: a seat is held only while the task is made
import asyncio


async def two_at_a_time(jobs):
    seats, tasks = asyncio.Semaphore(2), {}
    for name, job in jobs.items():
        async with seats:
            tasks[name] = asyncio.create_task(job)
    return {name: await task for name, task in tasks.items()}
