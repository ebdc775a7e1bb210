# right: looks every tenth of a second who is done
import asyncio


async def first_answer(jobs):
    tasks = {name: asyncio.create_task(job) for name, job in jobs.items()}
    while not any(task.done() for task in tasks.values()):
        await asyncio.wait(tasks.values(), timeout=0.1, return_when=asyncio.FIRST_COMPLETED)
    winner = next(name for name, task in tasks.items() if task.done())
    for name in tasks.keys() - {winner}:
        tasks[name].cancel()
    return winner, tasks[winner].result()
