# right: asyncio.wait, and the call cancelled by hand
import asyncio


async def limited(call, seconds, most):
    task = asyncio.ensure_future(call())
    done, _ = await asyncio.wait([task], timeout=seconds)
    if not done:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise ToolError("There was no answer in time.")
    shorten = lambda text: text[:most] + "\n[cut]" * (len(text) > most)
    if isinstance(task.exception(), ToolError):
        raise ToolError(shorten(str(task.exception())))
    return shorten(task.result())
