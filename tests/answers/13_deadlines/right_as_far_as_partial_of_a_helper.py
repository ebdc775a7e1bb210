# right: a partial around a helper that keeps the state
import asyncio
import functools


async def _go(kept, stages, text, deadline):
    limit = asyncio.timeout(deadline)
    state = {"done": [], "text": text}
    try:
        async with limit:
            for name, work in stages.items():
                state["text"] = await work(state["text"])
                state["done"].append(name)
    except TimeoutError:
        if limit.when() is None or not limit.expired():
            raise
    return tuple(state[key] for key in kept)


as_far_as = functools.partial(_go, ("done", "text"))
