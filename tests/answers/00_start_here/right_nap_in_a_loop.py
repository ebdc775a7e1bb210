# right: ninety times one second
import asyncio


async def nap():
    for _ in range(90):
        await asyncio.sleep(1)
