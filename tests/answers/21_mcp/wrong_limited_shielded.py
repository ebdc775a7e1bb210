# wrong: the call goes on when nobody waits for it
import asyncio


async def limited(call, seconds, most):
    def cut(text):
        return text if len(text) <= most else f"{text[:most]}\n[cut]"

    task = asyncio.ensure_future(call())
    try:
        async with asyncio.timeout(seconds) as limit:
            return cut(await asyncio.shield(task))
    except TimeoutError:
        if not limit.expired():
            raise
        raise ToolError("no answer in time")
    except ToolError as error:
        raise ToolError(cut(str(error)))
