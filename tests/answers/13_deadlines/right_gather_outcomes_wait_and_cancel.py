# right: asyncio.wait, and an Outcome for each that is late
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def gather_outcomes(jobs, deadline):
    tasks = {name: asyncio.create_task(outcome_of(job)) for name, job in jobs.items()}
    late = set()
    try:
        if tasks:
            _, late = await asyncio.wait(
                tasks.values(), timeout=deadline, return_when=asyncio.FIRST_EXCEPTION
            )
        error = TimeoutError(f"not done within {deadline} s")
        return {
            name: Outcome("timed_out", error=error) if task in late else task.result()
            for name, task in tasks.items()
        }
    finally:
        for task in tasks.values():
            task.cancel()
