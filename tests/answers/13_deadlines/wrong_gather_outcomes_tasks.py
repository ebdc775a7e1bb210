# wrong: hands back the tasks, which have hardly begun
import asyncio


async def gather_outcomes(jobs, deadline):
    return {name: asyncio.create_task(job) for name, job in jobs.items()}
