# wrong: breaks on no jobs
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def gather_outcomes(jobs, deadline):
    tasks = {name: asyncio.create_task(outcome_of(job)) for name, job in jobs.items()}
    _, late = await asyncio.wait(
        tasks.values(), timeout=deadline, return_when=asyncio.FIRST_EXCEPTION
    )
    for task in late:
        task.cancel()
    error = TimeoutError()
    return {
        name: Outcome("timed_out", error=error) if task in late else task.result()
        for name, task in tasks.items()
    }
