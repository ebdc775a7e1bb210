# wrong: the jobs don't wait for the warm-up, so they write the cache too

import asyncio

from mas_helpers import fan_out


async def warm_up(warm, jobs):
    task = asyncio.create_task(warm)
    results = await fan_out(jobs)
    await asyncio.gather(task, return_exceptions=True)
    return results
