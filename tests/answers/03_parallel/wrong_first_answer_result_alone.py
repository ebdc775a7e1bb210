# wrong: the result without its name
import asyncio


async def first_answer(jobs):
    tasks = [asyncio.create_task(job) for job in jobs.values()]
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    return done.pop().result()
