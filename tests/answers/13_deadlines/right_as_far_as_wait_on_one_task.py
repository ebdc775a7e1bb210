# right: one task, and asyncio.wait
import asyncio


async def as_far_as(stages, text, deadline):
    done, texts = [], [text]

    async def go():
        for name, work in stages.items():
            texts.append(await work(texts[-1]))
            done.append(name)

    task = asyncio.create_task(go())
    finished, _ = await asyncio.wait([task], timeout=deadline)
    task.cancel()
    if finished:
        task.result()
    return done, texts[-1]
