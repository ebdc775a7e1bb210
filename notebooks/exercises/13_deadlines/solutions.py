"""Solutions to the exercises of 13_deadlines."""

import asyncio

from mas_helpers.agents import outcome_of


async def gather_outcomes(jobs, deadline):
    async def limited(job):
        async with asyncio.timeout(deadline):
            return await job

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(outcome_of(limited(job))) for name, job in jobs.items()}
    return {name: task.result() for name, task in tasks.items()}


async def as_far_as(stages, text, deadline):
    done = []
    limit = asyncio.timeout(deadline)
    try:
        async with limit:
            for name, work in stages.items():
                text = await work(text)
                done.append(name)
    except TimeoutError:
        if not limit.expired():
            raise
    return done, text
