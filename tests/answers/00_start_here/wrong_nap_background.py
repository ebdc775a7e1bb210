# wrong: the sleep goes on in a task after nap has returned
import asyncio


async def nap():
    asyncio.create_task(asyncio.sleep(90))
    await asyncio.sleep(0)
