# wrong: takes every TimeoutError for the deadline
import asyncio


async def as_far_as(stages, text, deadline):
    done = []
    try:
        async with asyncio.timeout(deadline):
            for name, work in stages.items():
                text = await work(text)
                done.append(name)
    except TimeoutError:
        pass
    return done, text
