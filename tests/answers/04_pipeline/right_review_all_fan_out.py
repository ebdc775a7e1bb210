# right: fan_out
from mas_helpers import fan_out, run_pipeline


async def review_all(tasks, stages):
    return await fan_out({name: run_pipeline(task, stages) for name, task in tasks.items()})
