# wrong: counts the stages
import asyncio


async def as_far_as(stages, text, deadline):
    done, limit = 0, asyncio.timeout(deadline)
    try:
        async with limit:
            for work in stages.values():
                text = await work(text)
                done += 1
    except TimeoutError:
        if not limit.expired():
            raise
    return done, text
