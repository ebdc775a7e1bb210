# right: an event that the first one sets
import asyncio


async def first_answer(jobs):
    arrived, order = asyncio.Event(), []

    tasks = {name: asyncio.create_task(job) for name, job in jobs.items()}
    for name, task in tasks.items():
        task.add_done_callback(lambda _, name=name: (order.append(name), arrived.set()))
    await arrived.wait()
    first, *_ = order
    for name, task in tasks.items():
        if name != first:
            task.cancel()
    return first, tasks[first].result()
