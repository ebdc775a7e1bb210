# wrong: the wait is a run of its own, and with the first one every task ended
import asyncio

from mas_helpers import run


def nothing_goes_on(play):
    for slow in ("", "fees", "sizes", "care", "writer"):
        ask, paid = play(slow)
        try:
            run(ask(), clock="virtual")
        except DeskError:
            pass
        before = paid()
        run(asyncio.sleep(7200), clock="virtual")
        assert before == paid()
