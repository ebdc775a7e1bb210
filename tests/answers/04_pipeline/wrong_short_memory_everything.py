# wrong: each stage reads everything, as in run_pipeline
from mas_helpers import run_pipeline


async def short_memory(task, stages):
    return await run_pipeline(task, stages)
