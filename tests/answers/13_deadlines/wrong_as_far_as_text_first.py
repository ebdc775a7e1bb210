# wrong: the text first
import asyncio


async def as_far_as(stages, text, deadline):
    done, limit = [], asyncio.timeout(deadline)
    try:
        async with limit:
            for name, work in stages.items():
                text = await work(text)
                done.append(name)
    except TimeoutError:
        if not limit.expired():
            raise
    return text, done
