# right: an Outcome made by hand, as outcome_of makes it
import asyncio

from mas_helpers.agents import FAILURES, Outcome, classify_error


async def gather_outcomes(jobs, deadline):
    async def one(job):
        try:
            async with asyncio.timeout(deadline):
                return Outcome("ok", await job)
        except FAILURES as error:
            return Outcome(classify_error(error), error=error)

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(one(job)) for name, job in jobs.items()}
    return {name: task.result() for name, task in tasks.items()}
