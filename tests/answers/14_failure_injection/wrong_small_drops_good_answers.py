# wrong: if one worker fails, another's answer is dropped, too
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
        parts = list((await fan_out(jobs)).values())
        if all(part.missing for part in parts):
            raise AllWorkersFailed(parts)
        if any(part.missing for part in parts):
            good = [part for part in parts if not part.missing][:1]
            text = await synthesizer.run(synthesis_prompt(question, good))
            return text, [part.subtask.kind for part in parts if part not in good]
        text = await synthesizer.run(synthesis_prompt(question, parts))
        return text, [part.subtask.kind for part in parts if part.missing]

    return await with_deadline(work(), 40.0)
