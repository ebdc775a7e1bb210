# wrong: raises an error of its own instead of the job's
import asyncio


async def two_at_a_time(jobs):
    seats, results = asyncio.Semaphore(2), dict.fromkeys(jobs)

    async def one(name):
        async with seats:
            try:
                results[name] = await jobs[name]
            except Exception:
                raise RuntimeError(f"{name} did not work") from None

    await asyncio.gather(*map(one, jobs))
    return results
