# wrong: sends every worker the question, too
from mas_helpers import fan_out
from mas_helpers.agents import (
    AllWorkersFailed,
    Subtask,
    run_subtask,
    synthesis_prompt,
    with_deadline,
)


async def small(question, tasks, workers, synthesizer):
    async def work():
        jobs = {
            name: run_subtask(
                Subtask(kind=name, task=f"{question} {task}", needs=[]), workers[name]
            )
            for name, task in tasks.items()
        }
        parts = list((await fan_out(jobs)).values())
        if all(part.missing for part in parts):
            raise AllWorkersFailed(parts)
        text = await synthesizer.run(synthesis_prompt(question, parts))
        return text, [part.subtask.kind for part in parts if part.missing]

    return await with_deadline(work(), 40.0)
