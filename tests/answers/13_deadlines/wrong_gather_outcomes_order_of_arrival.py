# wrong: in the order of arrival
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def limited(job, deadline):
    async with asyncio.timeout(deadline):
        return await job


async def gather_outcomes(jobs, deadline):
    came = {}

    async def one(name, job):
        came[name] = await outcome_of(limited(job, deadline))

    async with asyncio.TaskGroup() as group:
        for name, job in jobs.items():
            group.create_task(one(name, job))
    return came
