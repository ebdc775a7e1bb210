# right: a pipeline of one stage, again and again
from mas_helpers import run_pipeline
from mas_helpers.agents import PipelineStopped, stage_prompt


async def short_memory(task, stages):
    texts, prompt = {}, task
    for stage in stages:
        try:
            new = await run_pipeline(prompt, [stage])
        except PipelineStopped as stopped:
            raise PipelineStopped(stopped.stage, stopped.reason, texts) from stopped
        texts |= new
        prompt = stage_prompt(task, new)
    return texts
