# wrong: pairs the names with the order of arrival
import asyncio


async def as_they_come(jobs, show):
    tasks = [asyncio.create_task(job) for job in jobs.values()]
    try:
        for name, first in zip(jobs, asyncio.as_completed(tasks)):
            show(name, await first)
    finally:
        for task in tasks:
            task.cancel()
    return dict(zip(jobs, (task.result() for task in tasks)))
