# wrong: two workers, each with its own half of the jobs
import asyncio


async def two_at_a_time(jobs):
    results, names = dict.fromkeys(jobs), list(jobs)

    async def work(mine):
        for name in mine:
            results[name] = await jobs[name]

    await asyncio.gather(work(names[::2]), work(names[1::2]))
    return results
