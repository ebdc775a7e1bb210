# wrong: the line that says so takes of the characters
import asyncio


async def limited(call, seconds, most):
    def cut(text):
        return text if len(text) <= most else text[: most - 6] + "\n[cut]"

    try:
        async with asyncio.timeout(seconds) as limit:
            return cut(await call())
    except TimeoutError:
        if not limit.expired():
            raise
        raise ToolError("no answer in time")
    except ToolError as error:
        raise ToolError(cut(str(error)))
