# wrong: asks the loop again and again whether it is done
import asyncio


async def hedged(ask, after):
    first = asyncio.create_task(ask())
    while not first.done():
        await asyncio.sleep(0)
    return first.result()
