# right: what is left of the time, for each stage
import asyncio


async def as_far_as(stages, text, deadline):
    done, end = [], asyncio.get_running_loop().time() + deadline
    for name, work in stages.items():
        limit = asyncio.timeout_at(end)
        try:
            async with limit:
                text = await work(text)
        except TimeoutError:
            if limit.expired():
                return done, text
            raise
        done.append(name)
    return done, text
