# wrong: from the second stage on, the task is gone
from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped


async def short_memory(task, stages):
    texts, prompt = {}, task
    for stage in stages:
        try:
            texts[stage.name] = prompt = await stage.run(prompt)
        except ReplyError as error:
            raise PipelineStopped(stage.name, str(error), texts) from error
    return texts
