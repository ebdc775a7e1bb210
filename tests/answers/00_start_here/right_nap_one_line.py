# right: the plain one
import asyncio


async def nap():
    await asyncio.sleep(90)
