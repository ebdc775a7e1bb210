# right: workers with a limit and a retry each
from mas_helpers import RetryOnce, fan_out
from mas_helpers.agents import (
    AllWorkersFailed,
    Subtask,
    run_subtask,
    synthesis_prompt,
    with_deadline,
)


async def small(question, tasks, workers, synthesizer):
    team = {name: RetryOnce(worker, 8, 10) for name, worker in workers.items()}

    async def work():
        subtasks = {name: Subtask(kind=name, task=task, needs=[]) for name, task in tasks.items()}
        parts = await fan_out({n: run_subtask(one, team[n]) for n, one in subtasks.items()})
        missing = [name for name in parts if parts[name].missing]
        if len(missing) == len(tasks):
            raise AllWorkersFailed(list(parts.values()))
        return await synthesizer.run(synthesis_prompt(question, list(parts.values()))), missing

    return await with_deadline(work(), 40.0)
