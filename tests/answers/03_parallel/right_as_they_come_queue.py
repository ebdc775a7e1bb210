# right: a queue between the jobs and show
import asyncio


async def as_they_come(jobs, show):
    arrived = asyncio.Queue()

    async def one(name, job):
        await arrived.put((name, await job))

    results = dict.fromkeys(jobs)
    async with asyncio.TaskGroup() as group:
        for name, job in jobs.items():
            group.create_task(one(name, job))

        async def show_all():
            for _ in jobs:
                name, result = await arrived.get()
                results[name] = result
                show(name, result)

        group.create_task(show_all())
    return results
