# wrong: an error of a job comes back as if it were a result

import asyncio


async def warm_up(warm, jobs):
    await asyncio.gather(warm, return_exceptions=True)
    results = await asyncio.gather(*jobs.values(), return_exceptions=True)
    return dict(zip(jobs, results))
