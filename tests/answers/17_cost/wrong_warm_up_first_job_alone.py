# wrong: the first job waits for nobody, and the rest wait for it too

import asyncio

from mas_helpers import fan_out


async def warm_up(warm, jobs):
    await asyncio.gather(warm, return_exceptions=True)
    if not jobs:
        return {}
    (first, job), *rest = jobs.items()
    return {first: await job} | await fan_out(dict(rest))
