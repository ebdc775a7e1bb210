# right: cancels, and waits until the cancelled ones have ended
import asyncio


async def first_answer(jobs):
    tasks = [asyncio.create_task(job, name=name) for name, job in jobs.items()]
    try:
        done, _ = await asyncio.wait(tasks, return_when="FIRST_COMPLETED")
        winner = done.pop()
        return winner.get_name(), winner.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
