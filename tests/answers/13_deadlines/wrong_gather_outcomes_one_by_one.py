# wrong: one job after the other
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def limited(job, deadline):
    async with asyncio.timeout(deadline):
        return await job


async def gather_outcomes(jobs, deadline):
    return {name: await outcome_of(limited(job, deadline)) for name, job in jobs.items()}
