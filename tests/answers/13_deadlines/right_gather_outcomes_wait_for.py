# right: asyncio.wait_for inside outcome_of
import asyncio

from mas_helpers.agents import Outcome, outcome_of


async def gather_outcomes(jobs, deadline):
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(outcome_of(asyncio.wait_for(job, deadline))) for job in jobs.values()
        ]
    return dict(zip(jobs, (task.result() for task in tasks), strict=True))
