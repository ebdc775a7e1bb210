# wrong: somebody is always slow
import asyncio

from mas_helpers import run


def nothing_goes_on(play):
    async def watch(slow):
        ask, paid = play(slow)
        await asyncio.gather(ask(), return_exceptions=True)
        before = paid()
        await asyncio.sleep(7200)
        assert before == paid()

    for slow in ("fees", "sizes", "care", "writer"):
        run(watch(slow), clock="virtual")
