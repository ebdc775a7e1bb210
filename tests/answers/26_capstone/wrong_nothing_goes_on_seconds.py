# wrong: it asserts that nobody waits an hour, which is another test
import asyncio

from mas_helpers import run, trace


def nothing_goes_on(play):
    for slow in ("", "fees", "sizes", "care", "writer"):
        ask, _ = play(slow)

        async def asked(ask=ask):
            await asyncio.gather(ask(), return_exceptions=True)

        with trace() as took:
            run(asked(), clock="virtual")
        assert took.seconds <= 30
