# right: one moment for all, by asyncio.timeout_at
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def gather_outcomes(jobs, deadline):
    end = asyncio.get_running_loop().time() + deadline

    async def until_then(job):
        async with asyncio.timeout_at(end):
            return await job

    results = dict.fromkeys(jobs)

    async def fill(name):
        results[name] = await outcome_of(until_then(jobs[name]))

    async with asyncio.TaskGroup() as group:
        for name in jobs:
            group.create_task(fill(name))
    return results
