# wrong: returns the names of all stages
import asyncio


async def as_far_as(stages, text, deadline):
    limit = asyncio.timeout(deadline)
    try:
        async with limit:
            for work in stages.values():
                text = await work(text)
    except TimeoutError:
        if not limit.expired():
            raise
    return list(stages), text
