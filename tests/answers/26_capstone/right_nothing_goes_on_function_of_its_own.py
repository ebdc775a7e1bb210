# right: a helper outside, and a clock that isn't named
import asyncio

from mas_helpers import run


async def bills(ask, paid):
    await asyncio.wait([asyncio.ensure_future(ask())])
    first = paid()
    await asyncio.sleep(3 * 3600)
    return [first, paid()]


def nothing_goes_on(play):
    for slow in ("fees", "sizes", "care", "writer", ""):
        first, last = run(bills(*play(slow)))
        assert first == last, f"with {slow} slow, {last - first} dollars were paid later"
