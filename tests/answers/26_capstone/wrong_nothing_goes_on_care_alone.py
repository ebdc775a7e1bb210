# wrong: only care is ever slow
import asyncio

from mas_helpers import run


def nothing_goes_on(play):
    async def watch():
        ask, paid = play("care")
        try:
            await ask()
        except DeskError:
            pass
        before = paid()
        await asyncio.sleep(7200)
        assert before == paid()

    run(watch(), clock="virtual")
