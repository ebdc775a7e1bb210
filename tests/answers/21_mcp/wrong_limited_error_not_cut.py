# wrong: an error may be as long as it likes
import asyncio


async def limited(call, seconds, most):
    try:
        async with asyncio.timeout(seconds) as limit:
            text = await call()
    except TimeoutError:
        if limit.expired():
            raise ToolError("no answer in time")
        raise
    return text if len(text) <= most else f"{text[:most]}\n[cut]"
