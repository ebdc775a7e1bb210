# right: a general race and functools.partial
import asyncio
from functools import partial


async def race(until, jobs):
    tasks = {name: asyncio.create_task(job) for name, job in jobs.items()}
    _, rest = await asyncio.wait(tasks.values(), return_when=until)
    for task in rest:
        task.cancel()
    return next((name, task.result()) for name, task in tasks.items() if task not in rest)


first_answer = partial(race, asyncio.FIRST_COMPLETED)
