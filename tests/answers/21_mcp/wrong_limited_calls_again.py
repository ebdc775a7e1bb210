# wrong: it tries a second time
import asyncio


async def limited(call, seconds, most):
    for _ in range(2):
        try:
            async with asyncio.timeout(seconds):
                text = await call()
                return text if len(text) <= most else f"{text[:most]}\n[cut]"
        except TimeoutError:
            pass
    raise ToolError("no answer in time")
