# right: gather, and an except that cancels the tasks
import asyncio


async def as_they_come(jobs, show):
    results = {name: None for name in jobs}

    async def one(name):
        results[name] = await jobs[name]
        show(name, results[name])

    tasks = [asyncio.create_task(one(name)) for name in jobs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return results
