# wrong: keeps the error of a stopped one as its review
import asyncio

from mas_helpers import run_pipeline


async def review_all(tasks, stages):
    jobs = [run_pipeline(task, stages) for task in tasks.values()]
    return dict(zip(tasks, await asyncio.gather(*jobs, return_exceptions=True)))
