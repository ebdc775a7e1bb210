"""Solutions to the exercises of 03_parallel."""

import asyncio

from mas_helpers import fan_out, figure


async def two_at_a_time(jobs):
    seats = asyncio.Semaphore(2)

    async def seated(job):
        async with seats:
            return await job

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(seated(job)) for name, job in jobs.items()}
    return {name: task.result() for name, task in tasks.items()}


async def first_answer(jobs):
    names = {asyncio.create_task(job): name for name, job in jobs.items()}
    done, waiting = await asyncio.wait(names, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    first = done.pop()
    return names[first], first.result()


async def as_they_come(jobs, show):
    async def shown(name, job):
        result = await job
        show(name, result)
        return result

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(shown(name, job)) for name, job in jobs.items()}
    return {name: task.result() for name, task in tasks.items()}


def seats_figure(make_jobs, most):
    async def run_jobs(seats):
        return await fan_out(make_jobs(), max_concurrency=seats)

    return figure(run_jobs, seats=(1, most))
