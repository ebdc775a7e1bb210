# wrong: it returns its verdict, and nobody reads that
import asyncio

from mas_helpers import run


def nothing_goes_on(play):
    async def watch(slow):
        ask, paid = play(slow)
        await asyncio.gather(ask(), return_exceptions=True)
        before = paid()
        await asyncio.sleep(7200)
        return before == paid()

    return all(run(watch(s), clock="virtual") for s in ("", "fees", "sizes", "care", "writer"))
