# right: the rest of the stages, by recursion
import asyncio


async def as_far_as(stages, text, deadline):
    if not stages:
        return [], text
    loop = asyncio.get_running_loop()
    began = loop.time()
    (name, work), *rest = stages.items()
    task = asyncio.ensure_future(work(text))
    finished, _ = await asyncio.wait({task}, timeout=deadline)
    if not finished:
        task.cancel()
        return [], text
    names, last = await as_far_as(dict(rest), task.result(), deadline - (loop.time() - began))
    return [name, *names], last
