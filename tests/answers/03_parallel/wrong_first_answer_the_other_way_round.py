# wrong: the result first, then the name
import asyncio


async def first_answer(jobs):
    names = {asyncio.create_task(job): name for name, job in jobs.items()}
    done, rest = await asyncio.wait(names, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    first = done.pop()
    return first.result(), names[first]
