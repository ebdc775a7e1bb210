# wrong: writes into the dictionary that it was given
from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped, stage_prompt


async def resume(task, stages, gate, completed):
    for stage in stages:
        if stage.name in completed:
            continue
        try:
            text = await stage.run(stage_prompt(task, completed))
        except ReplyError as error:
            raise PipelineStopped(stage.name, str(error), completed) from error
        if reason := gate(stage.name, text):
            raise PipelineStopped(stage.name, reason, completed)
        completed[stage.name] = text
    return completed
