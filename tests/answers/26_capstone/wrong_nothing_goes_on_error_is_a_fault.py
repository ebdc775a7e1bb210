# wrong: it takes an error that says why for a fault
import asyncio

from mas_helpers import run


def nothing_goes_on(play):
    async def watch(slow):
        ask, paid = play(slow)
        try:
            await ask()
        except DeskError as error:
            raise AssertionError("no answer") from error
        before = paid()
        await asyncio.sleep(7200)
        assert before == paid()

    for slow in ("", "fees", "sizes", "care", "writer"):
        run(watch(slow), clock="virtual")
