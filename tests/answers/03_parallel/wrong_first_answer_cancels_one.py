# wrong: cancels one of the others only
import asyncio


async def first_answer(jobs):
    names = {asyncio.create_task(job): name for name, job in jobs.items()}
    done, rest = await asyncio.wait(names, return_when=asyncio.FIRST_COMPLETED)
    rest.pop().cancel()
    first = done.pop()
    return names[first], first.result()
