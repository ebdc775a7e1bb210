# wrong: reads the first text instead of the last
from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped, stage_prompt


async def short_memory(task, stages):
    texts = {}
    for stage in stages:
        try:
            texts[stage.name] = await stage.run(stage_prompt(task, dict(list(texts.items())[:1])))
        except ReplyError as error:
            raise PipelineStopped(stage.name, str(error), texts) from error
    return texts
