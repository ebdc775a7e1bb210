# wrong: a list in place of a dictionary

import asyncio

from mas_helpers import fan_out


async def warm_up(warm, jobs):
    await asyncio.gather(warm, return_exceptions=True)
    return list((await fan_out(jobs)).values())
