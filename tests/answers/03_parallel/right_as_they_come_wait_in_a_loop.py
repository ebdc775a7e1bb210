# right: waits for the first of the rest, again and again
import asyncio


async def as_they_come(jobs, show):
    rest = {asyncio.create_task(job, name=name) for name, job in jobs.items()}
    results = {}
    try:
        while rest:
            done, rest = await asyncio.wait(rest, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                results[task.get_name()] = task.result()
                show(task.get_name(), task.result())
    finally:
        for task in rest:
            task.cancel()
    return dict(sorted(results.items(), key=lambda item: list(jobs).index(item[0])))
