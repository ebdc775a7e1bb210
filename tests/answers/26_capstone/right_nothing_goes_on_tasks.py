# right: it also looks whether tasks are left, beside the bill
import asyncio

from mas_helpers import run


def nothing_goes_on(play):
    async def watch(slow):
        ask, paid = play(slow)
        try:
            await ask()
        except DeskError as error:
            assert str(error)
        bill = paid()
        await asyncio.sleep(7200)
        return bill, paid()

    bills = [run(watch(slow), clock="virtual") for slow in ["fees", "sizes", "care", "writer", ""]]
    assert all(before == after for before, after in bills), bills
