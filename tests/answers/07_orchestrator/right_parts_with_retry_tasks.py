# right: tasks, awaited in order
import asyncio


async def again_if_missing(subtask, worker):
    first = await run_subtask(subtask, worker)
    return first if not first.missing else await run_subtask(subtask, worker)


async def parts_with_retry(plan, workers):
    tasks = [asyncio.create_task(again_if_missing(s, workers[s.kind])) for s in plan.subtasks]
    return [await task for task in tasks]
