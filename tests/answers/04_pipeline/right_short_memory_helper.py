# right: a helper asks, the loop remembers
from mas_helpers import ReplyError
from mas_helpers.agents import PipelineStopped, stage_prompt


async def ask(stage, prompt, done):
    try:
        return await stage.run(prompt)
    except ReplyError as error:
        raise PipelineStopped(stage.name, str(error), done) from error


async def short_memory(task, stages):
    done, last = {}, None
    for stage in stages:
        read = {last: done[last]} if last else {}
        done[stage.name] = await ask(stage, stage_prompt(task, read), done)
        last = stage.name
    return done
