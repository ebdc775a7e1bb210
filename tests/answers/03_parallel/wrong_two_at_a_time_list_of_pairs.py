# wrong: a list of pairs instead of a dictionary
import asyncio


async def two_at_a_time(jobs):
    seats = asyncio.Semaphore(2)

    async def one(name):
        async with seats:
            return name, await jobs[name]

    return list(await asyncio.gather(*map(one, jobs)))
