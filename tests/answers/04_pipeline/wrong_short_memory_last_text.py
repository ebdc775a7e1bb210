# wrong: returns the last text only
from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped, stage_prompt


async def short_memory(task, stages):
    texts, before = {}, {}
    for stage in stages:
        try:
            text = await stage.run(stage_prompt(task, before))
        except ReplyError as error:
            raise PipelineStopped(stage.name, str(error), texts) from error
        before = {stage.name: text}
        texts |= before
    return text
