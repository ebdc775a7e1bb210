# wrong: a list without the names
from mas_helpers import fan_out, run_pipeline


async def review_all(tasks, stages):
    jobs = {name: run_pipeline(task, stages) for name, task in tasks.items()}
    return list((await fan_out(jobs)).values())
