# right: pairs of a name and a text
from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped, stage_prompt


async def short_memory(task, stages):
    pairs = []
    for stage in stages:
        prompt = stage_prompt(task, dict(pairs[-1:]))
        try:
            pairs.append((stage.name, await stage.run(prompt)))
        except ReplyError as error:
            raise PipelineStopped(stage.name, f"{error}", dict(pairs))
    return dict(pairs)
