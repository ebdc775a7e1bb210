# right: a general function and functools.partial
from functools import partial

from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped, stage_prompt


async def go_on(read, task, stages, gate, completed):
    texts = completed.copy()
    for stage in stages:
        if stage.name in completed:
            continue
        try:
            text = await stage.run(read(task, texts))
        except ReplyError as error:
            raise PipelineStopped(stage.name, str(error), texts) from error
        if reason := gate(stage.name, text):
            raise PipelineStopped(stage.name, reason, texts)
        texts[stage.name] = text
    return texts


resume = partial(go_on, stage_prompt)
