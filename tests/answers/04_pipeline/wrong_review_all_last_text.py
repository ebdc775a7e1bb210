# wrong: the last text of each instead of all its texts
from mas_helpers import fan_out, run_pipeline


async def review_all(tasks, stages):
    async def one(task):
        return (await run_pipeline(task, stages))[stages[-1].name]

    return await fan_out({name: one(task) for name, task in tasks.items()})
