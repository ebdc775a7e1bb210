# wrong: the limit is around outcome_of
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def limited(job, deadline):
    async with asyncio.timeout(deadline):
        return await job


async def gather_outcomes(jobs, deadline):
    async with asyncio.TaskGroup() as group:
        tasks = {
            name: group.create_task(limited(outcome_of(job), deadline))
            for name, job in jobs.items()
        }
    return {name: task.result() for name, task in tasks.items()}
