# wrong: takes a job that returned None for a late one
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def limited(job, deadline):
    async with asyncio.timeout(deadline):
        return await job


async def gather_outcomes(jobs, deadline):
    async def one(job):
        came = await outcome_of(limited(job, deadline))
        if came.kind == "ok" and not came.value:
            return Outcome("timed_out", error=TimeoutError())
        return came

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(one(job)) for name, job in jobs.items()}
    return {name: task.result() for name, task in tasks.items()}
