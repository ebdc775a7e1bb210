# right: it looks once a minute, and raises the AssertionError by hand
import asyncio
from contextlib import suppress

from mas_helpers import run


def nothing_goes_on(play):
    async def watch(slow):
        ask, paid = play(slow)
        with suppress(Exception):
            await ask()
        bill = paid()
        for _ in range(90):
            await asyncio.sleep(60)
            if paid() > bill:
                raise AssertionError(f"{slow}: more was billed")

    for slow in ("", "fees", "sizes", "care", "writer"):
        run(watch(slow), clock="virtual")
