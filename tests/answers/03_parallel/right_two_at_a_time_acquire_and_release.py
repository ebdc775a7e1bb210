# right: acquire and release by hand
import asyncio


async def two_at_a_time(jobs):
    seats = asyncio.BoundedSemaphore(2)

    async def one(job):
        await seats.acquire()
        try:
            return await job
        finally:
            seats.release()

    tasks = [asyncio.ensure_future(one(job)) for job in jobs.values()]
    return {name: await task for name, task in zip(jobs, tasks)}
