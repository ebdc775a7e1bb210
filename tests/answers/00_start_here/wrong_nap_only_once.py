# wrong: the second nap takes no time
import asyncio


slept = []


async def nap():
    if not slept:
        await asyncio.sleep(90)
    slept.append(90)
