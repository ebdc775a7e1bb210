# right: as_completed, of which only the first is awaited
import asyncio


async def first_answer(jobs):
    async def with_name(name):
        return name, await jobs[name]

    tasks = [asyncio.ensure_future(with_name(name)) for name in jobs]
    first = next(iter(asyncio.as_completed(tasks)))
    try:
        return await first
    finally:
        [task.cancel() for task in tasks]
