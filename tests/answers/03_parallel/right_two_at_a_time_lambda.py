# right: a lambda around a general function
import asyncio


async def at_most(jobs, seats):
    async def one(job):
        async with seats:
            return await job

    answers = await asyncio.gather(*[one(job) for job in jobs.values()])
    return {name: answer for name, answer in zip(jobs, answers)}


two_at_a_time = lambda jobs: at_most(jobs, asyncio.Semaphore(2))
