# right: run_subtask makes gaps, fan_out runs them
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
            name: run_subtask(Subtask(kind=name, task=task, needs=[]), workers[name])
            for name, task in tasks.items()
        }
        parts = await fan_out(jobs)
        if all(part.missing for part in parts.values()):
            raise AllWorkersFailed(list(parts.values()))
        text = await synthesizer.run(synthesis_prompt(question, list(parts.values())))
        return text, [name for name, part in parts.items() if part.missing]

    return await with_deadline(work(), 40.0)
