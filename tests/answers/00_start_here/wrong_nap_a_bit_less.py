# wrong: 89.999 s is not exactly 90
import asyncio


async def nap():
    await asyncio.sleep(89.999)
