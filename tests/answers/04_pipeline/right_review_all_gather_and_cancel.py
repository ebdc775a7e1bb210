# right: gather over tasks, cancelled when one fails
import asyncio

from mas_helpers import run_pipeline


async def review_all(tasks, stages):
    jobs = [asyncio.create_task(run_pipeline(task, stages)) for task in tasks.values()]
    try:
        return dict(zip(tasks, await asyncio.gather(*jobs)))
    finally:
        for job in jobs:
            job.cancel()
