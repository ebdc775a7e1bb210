# right: a plain function that hands on the coroutine of an object
import asyncio

from mas_helpers.agents import Outcome, outcome_of


class Gatherer:
    def __init__(self, deadline):
        self.deadline = deadline

    async def one(self, job):
        async with asyncio.timeout(self.deadline):
            return await job

    async def all(self, jobs):
        async with asyncio.TaskGroup() as group:
            tasks = {n: group.create_task(outcome_of(self.one(job))) for n, job in jobs.items()}
        return {name: task.result() for name, task in tasks.items()}


gather_outcomes = lambda jobs, deadline: Gatherer(deadline).all(jobs)
