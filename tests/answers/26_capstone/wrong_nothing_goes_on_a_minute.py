# wrong: a minute later the slow call hasn't answered yet
import asyncio

from mas_helpers import run


def nothing_goes_on(play):
    async def watch(slow):
        ask, paid = play(slow)
        try:
            await ask()
        except DeskError:
            pass
        before = paid()
        await asyncio.sleep(90)
        return before, paid()

    for slow in ("", "fees", "sizes", "care", "writer"):
        before, after = run(watch(slow), clock="virtual")
        assert before == after
