# right: a wait that is given up after 90 s
import asyncio


async def nap():
    try:
        await asyncio.wait_for(asyncio.Event().wait(), timeout=90)
    except TimeoutError:
        pass
