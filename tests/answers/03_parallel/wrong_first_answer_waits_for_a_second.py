# wrong: gives everybody three seconds, then takes one that is done
import asyncio


async def first_answer(jobs):
    tasks = {name: asyncio.create_task(job) for name, job in jobs.items()}
    await asyncio.wait(tasks.values(), timeout=3)
    for name, task in tasks.items():
        if task.done():
            winner = name, task.result()
        else:
            task.cancel()
    return winner
