# wrong: no more than three at once
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def limited(job, deadline):
    async with asyncio.timeout(deadline):
        return await job


async def gather_outcomes(jobs, deadline):
    seats = asyncio.Semaphore(3)

    async def seated(job):
        async with seats:
            return await outcome_of(limited(job, deadline))

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(seated(job)) for name, job in jobs.items()}
    return {name: task.result() for name, task in tasks.items()}
