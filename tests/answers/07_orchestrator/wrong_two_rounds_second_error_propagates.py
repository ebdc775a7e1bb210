# wrong: a worker that fails in the second round is an error
import asyncio

from mas_helpers.agents import SubtaskResult


async def two_rounds(plan, workers, what_next):
    jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(plan.subtasks)}
    parts = list((await fan_out(jobs)).values())
    further = what_next(parts)
    answers = await asyncio.gather(*(workers[one.kind].run(one.task) for one in further))
    return parts + [SubtaskResult(one, answer) for one, answer in zip(further, answers)]
