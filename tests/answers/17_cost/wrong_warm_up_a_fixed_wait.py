# wrong: a second is no sign that the cache is warm

import asyncio

from mas_helpers import fan_out


async def warm_up(warm, jobs):
    task = asyncio.create_task(warm)
    await asyncio.sleep(1)
    results = await fan_out(jobs)
    await asyncio.gather(task, return_exceptions=True)
    return results
