# right: a list of two, and a tuple of names
import asyncio


async def as_far_as(stages, text, deadline):
    done, limit = (), asyncio.timeout(deadline)
    try:
        async with limit:
            for name, work in stages.items():
                text = await work(text)
                done += (name,)
    except TimeoutError:
        if not limit.expired():
            raise
    return [done, text]
