# wrong: a TimeoutError of the call itself is called too late
import asyncio


async def limited(call, seconds, most):
    def cut(text):
        return text if len(text) <= most else f"{text[:most]}\n[cut]"

    try:
        return cut(await asyncio.wait_for(call(), seconds))
    except TimeoutError:
        raise ToolError("no answer in time")
    except ToolError as error:
        raise ToolError(cut(str(error)))
