# wrong: tasks of its own go on after the deadline
import asyncio

from mas_helpers.agents import (
    AllWorkersFailed,
    Subtask,
    run_subtask,
    synthesis_prompt,
    with_deadline,
)


async def small(question, tasks, workers, synthesizer):
    async def work():
        subtasks = [Subtask(kind=name, task=task, needs=[]) for name, task in tasks.items()]
        going = [asyncio.create_task(run_subtask(one, workers[one.kind])) for one in subtasks]
        await asyncio.wait(going)
        parts = [task.result() for task in going]
        if all(part.missing for part in parts):
            raise AllWorkersFailed(parts)
        text = await synthesizer.run(synthesis_prompt(question, parts))
        return text, [part.subtask.kind for part in parts if part.missing]

    return await with_deadline(work(), 40.0)
