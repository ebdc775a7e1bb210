# right: asks its own limit
import asyncio


async def as_far_as(stages, text, deadline):
    done, limit = [], asyncio.timeout(deadline)
    try:
        async with limit:
            for name in stages:
                text = await stages[name](text)
                done.append(name)
    except TimeoutError:
        if not limit.expired():
            raise
    return done, text
