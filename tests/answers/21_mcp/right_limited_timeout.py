# right: asyncio.timeout, which knows whether it ended
import asyncio


def cut(text, most):
    return text if len(text) <= most else text[:most] + "\n[cut]"


async def limited(call, seconds, most):
    try:
        async with asyncio.timeout(seconds) as limit:
            text = await call()
    except ToolError as error:
        raise ToolError(cut(str(error), most))
    except TimeoutError:
        if limit.expired():
            raise ToolError("no answer in time")
        raise
    return cut(text, most)
