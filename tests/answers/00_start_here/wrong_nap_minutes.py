# wrong: ninety minutes
import asyncio


async def nap():
    await asyncio.sleep(90 * 60)
