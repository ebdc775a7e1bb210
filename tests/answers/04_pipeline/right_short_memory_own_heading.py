# right: headings of its own
from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped


async def short_memory(task, stages):
    texts, prompt = {}, task
    for stage in stages:
        try:
            texts[stage.name] = await stage.run(prompt)
        except ReplyError as error:
            raise PipelineStopped(stage=stage.name, reason=str(error), completed=texts) from error
        prompt = f"{task}\n\n## What {stage.name} wrote\n{texts[stage.name]}"
    return texts
