# wrong: the lesson's own: an error that ends first counts
import asyncio


async def hedged(ask, after):
    calls = [asyncio.create_task(ask())]
    try:
        done, _ = await asyncio.wait(calls, timeout=after)
        if not done:
            calls.append(asyncio.create_task(ask()))
            done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for call in calls:
            call.cancel()
