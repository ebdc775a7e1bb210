# right: gather, and a finally that cancels what is left

import asyncio


async def warm_up(warm, jobs):
    try:
        await warm
    except Exception as error:
        problem = str(error)
    tasks = {name: asyncio.ensure_future(job) for name, job in jobs.items()}
    results = {}
    try:
        await asyncio.gather(*tasks.values())
    finally:
        for task in tasks.values():
            task.cancel()
    for name in jobs:
        results[name] = tasks[name].result()
    return results
