# wrong: never ends where one is late
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def gather_outcomes(jobs, deadline):
    tasks = {name: asyncio.create_task(outcome_of(job)) for name, job in jobs.items()}
    while not all(task.done() for task in tasks.values()):
        await asyncio.sleep(0)
    return {name: task.result() for name, task in tasks.items()}
