# wrong: takes seats and never gives one back: it waits forever
import asyncio


async def two_at_a_time(jobs):
    seats = asyncio.Semaphore(2)

    async def one(job):
        await seats.acquire()
        return await job

    return dict(zip(jobs, await asyncio.gather(*map(one, jobs.values()))))
