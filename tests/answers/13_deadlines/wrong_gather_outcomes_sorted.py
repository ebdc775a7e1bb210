# wrong: in the order of the alphabet
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def limited(job, deadline):
    async with asyncio.timeout(deadline):
        return await job


async def gather_outcomes(jobs, deadline):
    async with asyncio.TaskGroup() as group:
        tasks = {
            n: group.create_task(outcome_of(limited(job, deadline))) for n, job in jobs.items()
        }
    return {name: tasks[name].result() for name in sorted(tasks)}
