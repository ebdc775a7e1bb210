# wrong: pays for everything again
from mas_helpers import run_pipeline


async def resume(task, stages, gate, completed):
    return await run_pipeline(task, stages, gate)
