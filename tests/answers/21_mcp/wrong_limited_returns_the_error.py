# wrong: the error is returned like a result
import asyncio


async def limited(call, seconds, most):
    try:
        async with asyncio.timeout(seconds):
            text = await call()
    except TimeoutError:
        return "no answer in time"
    return text if len(text) <= most else f"{text[:most]}\n[cut]"
