# wrong: a loop that waits for a free place without ever awaiting
import asyncio


async def two_at_a_time(jobs):
    at_work, results = set(), {}
    for name, job in jobs.items():
        while len(at_work) >= 2:
            at_work = {task for task in at_work if not task.done()}
        task = asyncio.create_task(job)
        at_work.add(task)
        results[name] = task
    return {name: await task for name, task in results.items()}
