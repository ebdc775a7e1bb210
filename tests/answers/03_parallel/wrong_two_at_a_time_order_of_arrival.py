# wrong: the dictionary is in the order of arrival
import asyncio


async def two_at_a_time(jobs):
    seats, results = asyncio.Semaphore(2), {}

    async def one(name):
        async with seats:
            answer = await jobs[name]
        results[name] = answer

    await asyncio.gather(*map(one, jobs))
    return results
