# right: the bill is looked at by a task that runs beside it
import asyncio

from mas_helpers import run


def nothing_goes_on(play):
    async def later(slow):
        ask, paid = play(slow)
        try:
            await ask()
        except DeskError:
            pass
        before = paid()
        await asyncio.sleep(4000)
        return paid() - before

    async def every():
        return await asyncio.gather(*map(later, ["", "fees", "sizes", "care", "writer"]))

    assert not any(run(every(), clock="virtual"))
