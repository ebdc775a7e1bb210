# wrong: shields the stage, which goes on
import asyncio


async def as_far_as(stages, text, deadline):
    done, limit = [], asyncio.timeout(deadline)
    try:
        async with limit:
            for name, work in stages.items():
                text = await asyncio.shield(work(text))
                done.append(name)
    except TimeoutError:
        if not limit.expired():
            raise
    return done, text
