# wrong: names the stage before as the one that stopped
from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped, stage_prompt


async def short_memory(task, stages):
    texts, before, last = {}, {}, ""
    for stage in stages:
        try:
            text = await stage.run(stage_prompt(task, before))
        except ReplyError as error:
            raise PipelineStopped(last, str(error), texts) from error
        before, last = {stage.name: text}, stage.name
        texts |= before
    return texts
