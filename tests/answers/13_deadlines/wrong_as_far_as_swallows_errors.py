# wrong: swallows what a stage raises
import asyncio


async def as_far_as(stages, text, deadline):
    done = []
    try:
        async with asyncio.timeout(deadline):
            for name, work in stages.items():
                text = await work(text)
                done.append(name)
    except Exception:
        pass
    return done, text
