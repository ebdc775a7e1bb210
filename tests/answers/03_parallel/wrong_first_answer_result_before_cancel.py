# wrong: asks for the result first: if that raises, nothing is cancelled
import asyncio


async def first_answer(jobs):
    names = {asyncio.create_task(job): name for name, job in jobs.items()}
    done, rest = await asyncio.wait(names, return_when=asyncio.FIRST_COMPLETED)
    first = done.pop()
    pair = names[first], first.result()
    for task in rest:
        task.cancel()
    return pair
