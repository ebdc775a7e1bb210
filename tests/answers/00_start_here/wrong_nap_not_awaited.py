# wrong: the sleep is called and not awaited
import asyncio


async def nap():
    asyncio.sleep(90)
