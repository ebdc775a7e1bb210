# wrong: takes the first stages for the finished ones, one too few
from mas_helpers import run_pipeline
from mas_helpers.agents import PipelineStopped, stage_prompt


async def resume(task, stages, gate, completed):
    rest = stages[len(completed) + 1 :]
    try:
        return completed | await run_pipeline(stage_prompt(task, completed), rest, gate)
    except PipelineStopped as error:
        raise PipelineStopped(error.stage, error.reason, completed | error.completed) from error
