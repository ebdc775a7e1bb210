# wrong: a yield makes an async generator of it
import asyncio


async def nap():
    yield await asyncio.sleep(90)
