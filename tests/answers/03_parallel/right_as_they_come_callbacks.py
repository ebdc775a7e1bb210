# right: callbacks of the tasks call show
import asyncio


async def as_they_come(jobs, show):
    def tell(task):
        if not task.cancelled() and task.exception() is None:
            show(task.get_name(), task.result())

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(job, name=name) for name, job in jobs.items()]
        for task in tasks:
            task.add_done_callback(tell)
    return {task.get_name(): task.result() for task in tasks}
