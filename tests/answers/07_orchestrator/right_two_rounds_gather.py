# right: gather twice
import asyncio


async def two_rounds(plan, workers, what_next):
    first = await asyncio.gather(*(run_subtask(s, workers[s.kind]) for s in plan.subtasks))
    more = [run_subtask(s, workers[s.kind]) for s in what_next(first)]
    return first + await asyncio.gather(*more)
