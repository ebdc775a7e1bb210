# wrong: asks cancelled tasks for their results
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def gather_outcomes(jobs, deadline):
    tasks = {name: asyncio.create_task(outcome_of(job)) for name, job in jobs.items()}
    _, late = await asyncio.wait(tasks.values(), timeout=deadline)
    for task in late:
        task.cancel()
    return {name: await task for name, task in tasks.items()}
