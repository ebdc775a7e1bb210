# right: a TaskGroup for each round
import asyncio


async def at_once(subtasks, workers):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(run_subtask(s, workers[s.kind])) for s in subtasks]
    return [task.result() for task in tasks]


async def two_rounds(plan, workers, what_next):
    parts = await at_once(plan.subtasks, workers)
    parts.extend(await at_once(what_next(list(parts)), workers))
    return parts
