# right: two sleeps at the same time, the longer one counts
import asyncio


async def nap():
    await asyncio.gather(asyncio.sleep(90), asyncio.sleep(45))
