# right: waits until one fails or all are done
import asyncio

from mas_helpers import run_pipeline


async def review_all(tasks, stages):
    jobs = {n: asyncio.create_task(run_pipeline(t, stages)) for n, t in tasks.items()}
    done, rest = await asyncio.wait(jobs.values(), return_when=asyncio.FIRST_EXCEPTION)
    for job in rest:
        job.cancel()
    for job in done:
        job.result()
    return {name: job.result() for name, job in jobs.items()}
