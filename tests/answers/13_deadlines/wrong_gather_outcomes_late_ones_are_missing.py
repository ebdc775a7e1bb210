# wrong: leaves the late ones out
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def gather_outcomes(jobs, deadline):
    tasks = {name: asyncio.create_task(outcome_of(job)) for name, job in jobs.items()}
    if tasks:
        _, late = await asyncio.wait(tasks.values(), timeout=deadline)
        for task in late:
            task.cancel()
    return {name: task.result() for name, task in tasks.items() if task.done()}
