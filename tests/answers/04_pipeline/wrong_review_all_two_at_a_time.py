# wrong: only two tasks at once
from mas_helpers import fan_out, run_pipeline


async def review_all(tasks, stages):
    jobs = {name: run_pipeline(task, stages) for name, task in tasks.items()}
    return await fan_out(jobs, max_concurrency=2)
