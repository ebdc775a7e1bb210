# wrong: when a job fails, gather raises and leaves the others at work

import asyncio


async def warm_up(warm, jobs):
    await asyncio.gather(warm, return_exceptions=True)
    return dict(zip(jobs, await asyncio.gather(*jobs.values())))
