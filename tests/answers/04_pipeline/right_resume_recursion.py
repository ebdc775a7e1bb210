# right: one stage, then the rest
from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped, stage_prompt


async def resume(task, stages, gate, completed):
    missing = [stage for stage in stages if stage.name not in completed]
    if not missing:
        return dict(completed)
    stage = missing[0]
    try:
        text = await stage.run(stage_prompt(task, completed))
    except ReplyError as error:
        raise PipelineStopped(stage.name, str(error), completed) from error
    reason = gate(stage.name, text)
    if reason:
        raise PipelineStopped(stage.name, reason, completed)
    return await resume(task, stages, gate, {**completed, stage.name: text})
