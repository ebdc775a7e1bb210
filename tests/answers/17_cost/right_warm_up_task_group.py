# right: a TaskGroup of its own in place of fan_out

import asyncio


async def warm_up(warm, jobs):
    try:
        await warm
    except Exception:
        pass
    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(job) for name, job in jobs.items()}
    return {name: task.result() for name, task in tasks.items()}
