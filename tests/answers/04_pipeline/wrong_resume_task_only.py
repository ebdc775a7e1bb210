# wrong: the rest read the task and not the old texts
from mas_helpers import run_pipeline
from mas_helpers.agents import PipelineStopped


async def resume(task, stages, gate, completed):
    rest = [stage for stage in stages if stage.name not in completed]
    try:
        return completed | await run_pipeline(task, rest, gate)
    except PipelineStopped as error:
        raise PipelineStopped(error.stage, error.reason, completed | error.completed) from error
