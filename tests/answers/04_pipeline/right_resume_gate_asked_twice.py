# right: asks the gate once for the question and once for the reason
from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped, stage_prompt


async def resume(task, stages, gate, completed):
    texts = dict(completed)
    for stage in stages:
        if stage.name in texts:
            continue
        try:
            text = await stage.run(stage_prompt(task, texts))
        except ReplyError as error:
            raise PipelineStopped(stage.name, str(error), texts) from error
        if gate(stage.name, text):
            raise PipelineStopped(stage.name, gate(stage.name, text), texts)
        texts[stage.name] = text
    return texts
