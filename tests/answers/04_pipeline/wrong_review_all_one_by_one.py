# wrong: one task after the other
from mas_helpers import run_pipeline


async def review_all(tasks, stages):
    reviews = {}
    for name, task in tasks.items():
        reviews[name] = await run_pipeline(task, stages)
    return reviews
