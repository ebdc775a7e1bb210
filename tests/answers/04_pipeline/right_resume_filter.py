# right: filter takes the finished stages out
from mas_helpers import run_pipeline
from mas_helpers.agents import PipelineStopped, stage_prompt


async def resume(task, stages, gate, completed):
    rest = list(filter(lambda stage: stage.name not in completed, stages))
    try:
        new = await run_pipeline(stage_prompt(task, completed), rest, gate)
    except PipelineStopped as stopped:
        stopped.completed = completed | stopped.completed
        raise
    return completed | new
