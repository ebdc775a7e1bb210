# wrong: raises when the time is up
import asyncio


async def as_far_as(stages, text, deadline):
    done = []
    async with asyncio.timeout(deadline):
        for name, work in stages.items():
            text = await work(text)
            done.append(name)
    return done, text
