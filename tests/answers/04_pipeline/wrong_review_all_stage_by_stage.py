# wrong: a barrier between the stages
import asyncio

from mas_helpers.agents import stage_prompt


async def review_all(tasks, stages):
    texts = {name: {} for name in tasks}

    async def one(name, stage):
        texts[name][stage.name] = await stage.run(stage_prompt(tasks[name], texts[name]))

    for stage in stages:
        async with asyncio.TaskGroup() as group:
            for name in tasks:
                group.create_task(one(name, stage))
    return texts
