# right: asyncio.timeout, and DeadlinePassed raised by hand
import asyncio

from mas_helpers.agents import (
    AllWorkersFailed,
    DeadlinePassed,
    Subtask,
    run_subtask,
    synthesis_prompt,
)


async def small(question, tasks, workers, synthesizer):
    try:
        async with asyncio.timeout(40):
            subtasks = [Subtask(kind=name, task=task, needs=[]) for name, task in tasks.items()]
            parts = await asyncio.gather(*(run_subtask(one, workers[one.kind]) for one in subtasks))
            if all(part.missing for part in parts):
                raise AllWorkersFailed(list(parts))
            text = await synthesizer.run(synthesis_prompt(question, list(parts)))
            return text, [part.subtask.kind for part in parts if part.missing]
    except TimeoutError:
        raise DeadlinePassed("not done within 40 s") from None
