# wrong: a bug becomes an Outcome
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def limited(job, deadline):
    async with asyncio.timeout(deadline):
        return await job


async def gather_outcomes(jobs, deadline):
    async def safe(job):
        try:
            return await outcome_of(limited(job, deadline))
        except Exception as error:
            return Outcome("failed", error=error)

    return dict(zip(jobs, await asyncio.gather(*map(safe, jobs.values())), strict=True))
