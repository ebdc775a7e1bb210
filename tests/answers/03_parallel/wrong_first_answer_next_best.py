# wrong: skips a failed first, and takes the next good one
import asyncio


async def first_answer(jobs):
    names = {asyncio.create_task(job): name for name, job in jobs.items()}
    rest = set(names)
    while rest:
        done, rest = await asyncio.wait(rest, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if not task.exception():
                [other.cancel() for other in rest]
                return names[task], task.result()
