"""Tempting wrong answers to the exercises of 21_mcp, and what to ask back."""

import asyncio

from anthropic.lib.tools import ToolError


def changes(pins, now):
    """The hashes are compared as a heap, without their names. Two tools that swap what they say
    leave the heap as it was: nothing seems to have changed.

    Ask back: the description of `departures` now belongs to `cancel_train`. Which hash is new?
    """
    return {
        "new": sorted(set(now) - set(pins)),
        "gone": sorted(set(pins) - set(now)),
        "changed": sorted(name for name in set(pins) & set(now) if now[name] not in pins.values()),
    }


async def limited(call, seconds, most):
    """The result is cut, the error isn't. A server that wants to send a lot makes an error of it.

    Ask back: who wrote the text of this error, and who pays for reading it?
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            text = await call()
    except TimeoutError:
        if limit.expired():
            raise ToolError("There was no answer in time.") from None
        raise
    return text if len(text) <= most else f"{text[:most]}\n[cut]"
