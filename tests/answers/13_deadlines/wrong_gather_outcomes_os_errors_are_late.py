# wrong: takes every OSError for a timeout
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def limited(job, deadline):
    async with asyncio.timeout(deadline):
        return await job


async def gather_outcomes(jobs, deadline):
    async def safe(job):
        try:
            return await outcome_of(limited(job, deadline))
        except OSError as error:
            return Outcome("timed_out", error=error)

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(safe(job)) for name, job in jobs.items()}
    return {name: task.result() for name, task in tasks.items()}
