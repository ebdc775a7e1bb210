# wrong: every stage gets the given text
import asyncio


async def as_far_as(stages, text, deadline):
    done, last, limit = [], text, asyncio.timeout(deadline)
    try:
        async with limit:
            for name, work in stages.items():
                last = await work(text)
                done.append(name)
    except TimeoutError:
        if not limit.expired():
            raise
    return done, last
