# wrong: a deadline for each stage
import asyncio


async def as_far_as(stages, text, deadline):
    done = []
    for name, work in stages.items():
        limit = asyncio.timeout(deadline)
        try:
            async with limit:
                text = await work(text)
        except TimeoutError:
            if not limit.expired():
                raise
            break
        done.append(name)
    return done, text
