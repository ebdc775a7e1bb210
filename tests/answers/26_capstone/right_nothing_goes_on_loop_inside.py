# right: one run, in which the letters come one after the other
import asyncio

from mas_helpers import run


def nothing_goes_on(play):
    async def watch():
        for slow in ("writer", "care", "sizes", "fees", ""):
            ask, paid = play(slow)
            await asyncio.gather(ask(), return_exceptions=True)
            bill = paid()
            await asyncio.sleep(86400)
            assert paid() == bill, slow

    run(watch(), clock="virtual")
