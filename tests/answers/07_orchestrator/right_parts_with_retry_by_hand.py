# right: catches the failures itself
from mas_helpers.agents import FAILURES, SubtaskResult, reason_for


async def parts_with_retry(plan, workers):
    async def work(subtask, left):
        try:
            return SubtaskResult(subtask, await workers[subtask.kind].run(subtask.task))
        except FAILURES as error:
            if left:
                return await work(subtask, left - 1)
            return SubtaskResult(subtask, "", reason_for(error))

    return list((await fan_out({n: work(s, 1) for n, s in enumerate(plan.subtasks)})).values())
