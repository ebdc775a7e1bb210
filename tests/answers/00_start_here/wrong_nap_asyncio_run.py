# wrong: asyncio.run inside a coroutine, which every script refuses
import asyncio


async def nap():
    asyncio.run(asyncio.sleep(90))
