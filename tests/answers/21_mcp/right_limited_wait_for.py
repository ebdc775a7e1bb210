# right: wait_for around a job that keeps its error
import asyncio


async def limited(call, seconds, most):
    outcome = []

    async def keep():
        try:
            outcome.append(await call())
        except Exception as error:
            outcome.append(error)

    try:
        await asyncio.wait_for(keep(), seconds)
    except asyncio.TimeoutError:
        raise ToolError("no answer in time") from None
    (got,) = outcome
    text = str(got)
    if len(text) > most:
        text = f"{text[:most]}\n[cut]"
    if isinstance(got, ToolError):
        raise ToolError(text)
    if isinstance(got, Exception):
        raise got
    return text
