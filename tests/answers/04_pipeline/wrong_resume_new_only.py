# wrong: returns the new texts only
from mas_helpers import run_pipeline
from mas_helpers.agents import PipelineStopped, stage_prompt


async def resume(task, stages, gate, completed):
    rest = [stage for stage in stages if stage.name not in completed]
    try:
        return await run_pipeline(stage_prompt(task, completed), rest, gate)
    except PipelineStopped as error:
        raise PipelineStopped(error.stage, error.reason, completed | error.completed) from error
