# wrong: returns what it has when it stops again
from mas_helpers import run_pipeline
from mas_helpers.agents import PipelineStopped, stage_prompt


async def resume(task, stages, gate, completed):
    rest = [stage for stage in stages if stage.name not in completed]
    try:
        return completed | await run_pipeline(stage_prompt(task, completed), rest, gate)
    except PipelineStopped as error:
        return completed | error.completed
