# wrong: the model reads no word about the time
import asyncio


async def limited(call, seconds, most):
    async with asyncio.timeout(seconds):
        try:
            text = await call()
        except ToolError as error:
            raise ToolError(f"{str(error)[:most]}\n[cut]" if len(str(error)) > most else str(error))
    return text if len(text) <= most else f"{text[:most]}\n[cut]"
