# right: walks over an iterator of the stages
from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped, stage_prompt


async def short_memory(task, stages):
    kept, rest, before = {}, iter(stages), {}
    while stage := next(rest, None):
        try:
            before = {stage.name: await stage.run(stage_prompt(task, before))}
        except ReplyError as error:
            raise PipelineStopped(stage.name, str(error), kept) from error
        kept.update(before)
    return kept
