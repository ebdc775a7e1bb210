# wrong: a failed job is missing in the results
import asyncio


async def two_at_a_time(jobs):
    seats, results = asyncio.Semaphore(2), {}

    async def one(name):
        async with seats:
            try:
                return name, await jobs[name]
            except ValueError:
                return None

    found = await asyncio.gather(*map(one, jobs))
    return dict(pair for pair in found if pair)
