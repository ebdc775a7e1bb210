# wrong: a bug in a stage becomes a PipelineStopped
from mas_helpers.agents import PipelineStopped, stage_prompt


async def short_memory(task, stages):
    texts, before = {}, {}
    for stage in stages:
        try:
            text = await stage.run(stage_prompt(task, before))
        except Exception as error:
            raise PipelineStopped(stage.name, str(error), texts) from error
        before = {stage.name: text}
        texts |= before
    return texts
