# wrong: three seats
import asyncio


async def two_at_a_time(jobs):
    seats = asyncio.Semaphore(3)

    async def one(job):
        async with seats:
            return await job

    return dict(zip(jobs, await asyncio.gather(*map(one, jobs.values()))))
