# wrong: an empty text counts as none
import asyncio


async def as_far_as(stages, text, deadline):
    done, limit = [], asyncio.timeout(deadline)
    try:
        async with limit:
            for name, work in stages.items():
                text = await work(text) or text
                done.append(name)
    except TimeoutError:
        if not limit.expired():
            raise
    return done, text
