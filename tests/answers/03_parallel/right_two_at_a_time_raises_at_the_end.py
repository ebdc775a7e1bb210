# right: collects the errors and raises the first at the end
import asyncio


async def two_at_a_time(jobs):
    seats = asyncio.Semaphore(2)

    async def one(job):
        async with seats:
            return await job

    results = await asyncio.gather(*map(one, jobs.values()), return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result
    return dict(zip(jobs, results))
