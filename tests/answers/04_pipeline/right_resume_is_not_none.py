# right: asks whether the gate said anything but None
from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped, stage_prompt


async def resume(task, stages, gate, completed):
    texts = {**completed}
    for stage in stages:
        if stage.name not in texts:
            try:
                text = await stage.run(stage_prompt(task, texts))
            except ReplyError as error:
                raise PipelineStopped(stage.name, str(error), texts) from error
            if (reason := gate(stage.name, text)) is not None:
                raise PipelineStopped(stage.name, reason, texts)
            texts[stage.name] = text
    return texts
