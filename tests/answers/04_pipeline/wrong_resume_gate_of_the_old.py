# wrong: asks the gate about the old texts as well
from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped, stage_prompt


async def resume(task, stages, gate, completed):
    texts = dict(completed)
    for stage in stages:
        if stage.name not in texts:
            try:
                texts[stage.name] = await stage.run(stage_prompt(task, texts))
            except ReplyError as error:
                raise PipelineStopped(stage.name, str(error), texts) from error
        if reason := gate(stage.name, texts[stage.name]):
            kept = {name: text for name, text in texts.items() if name != stage.name}
            raise PipelineStopped(stage.name, reason, kept)
    return texts
