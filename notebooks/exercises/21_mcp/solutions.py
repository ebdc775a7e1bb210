"""Solutions to the exercises of 21_mcp."""

import asyncio

from anthropic.lib.tools import ToolError


def changes(pins, now):
    return {
        "new": sorted(set(now) - set(pins)),
        "gone": sorted(set(pins) - set(now)),
        "changed": sorted(name for name in pins if name in now and pins[name] != now[name]),
    }


async def limited(call, seconds, most):
    def cut(text):
        return text if len(text) <= most else f"{text[:most]}\n[cut]"

    try:
        async with asyncio.timeout(seconds) as limit:
            return cut(await call())
    except TimeoutError:
        if not limit.expired():
            raise
        raise ToolError("There was no answer in time.") from None
    except ToolError as error:
        raise ToolError(cut(str(error))) from None
