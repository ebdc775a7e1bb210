# wrong: what is late goes on
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def gather_outcomes(jobs, deadline):
    tasks = {name: asyncio.create_task(outcome_of(job)) for name, job in jobs.items()}
    if tasks:
        await asyncio.wait(tasks.values(), timeout=deadline)
    late = Outcome("timed_out", error=TimeoutError())
    return {name: task.result() if task.done() else late for name, task in tasks.items()}
