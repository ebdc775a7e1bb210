# right: gather keeps the error of the warm-up as a result that nobody reads

import asyncio

from mas_helpers import fan_out


async def warm_up(warm, jobs):
    await asyncio.gather(warm, return_exceptions=True)
    return await fan_out(jobs)
