# right: a task for the warm-up, and wait, which raises nothing

import asyncio

from mas_helpers import fan_out


async def warm_up(warm, jobs):
    first = asyncio.create_task(warm)
    await asyncio.wait([first])
    if first.exception():
        print("cold")
    return await fan_out(jobs)
