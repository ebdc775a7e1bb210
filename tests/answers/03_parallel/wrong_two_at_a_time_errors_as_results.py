# wrong: return_exceptions leaves the error among the results
import asyncio


async def two_at_a_time(jobs):
    seats = asyncio.Semaphore(2)

    async def one(job):
        async with seats:
            return await job

    answers = await asyncio.gather(*map(one, jobs.values()), return_exceptions=True)
    return dict(zip(jobs, answers))
