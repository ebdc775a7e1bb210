# wrong: the text of a bug goes to the model
import asyncio


async def limited(call, seconds, most):
    def cut(text):
        return text if len(text) <= most else f"{text[:most]}\n[cut]"

    try:
        async with asyncio.timeout(seconds) as limit:
            return cut(await call())
    except TimeoutError:
        if not limit.expired():
            raise
        raise ToolError("no answer in time")
    except Exception as error:
        raise ToolError(cut(str(error)))
