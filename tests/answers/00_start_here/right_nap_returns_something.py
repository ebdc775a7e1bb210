# right: it returns a value, which the task doesn't forbid
import asyncio


async def nap():
    await asyncio.sleep(90)
    return "awake"
