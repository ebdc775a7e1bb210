# right: cut at one place, for the result and the error
import asyncio


async def limited(call, seconds, most):
    failed = False
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            text = await call()
    except ToolError as error:
        text, failed = error.content, True
    except TimeoutError:
        if not limit.expired():
            raise
        raise ToolError(f"no answer in time: {seconds} s")
    if len(text) > most:
        text = text[:most] + "\n[cut]"
    if failed:
        raise ToolError(text)
    return text
