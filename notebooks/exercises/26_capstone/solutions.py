"""Solutions of the exercises of 26_capstone."""

import asyncio

from mas_helpers import run

MORE_THAN_AN_HOUR = 2 * 3600


def nothing_goes_on(play):
    async def paid_at_once_and_later(slow):
        ask, paid = play(slow)
        try:
            await ask()
        except Exception:
            pass
        at_once = paid()
        await asyncio.sleep(MORE_THAN_AN_HOUR)
        return at_once, paid()

    for slow in ("", "fees", "sizes", "care", "writer"):
        at_once, later = run(paid_at_once_and_later(slow), clock="virtual")
        assert at_once == later, f"{slow or 'nobody'} is slow: ${later - at_once:.4f} paid later"


def worst_case(workers, writer, usd):
    def tokens_usd(call, heard=0):
        input_usd = (call["input_tokens"] + heard) * usd["input"]
        return call["attempts"] * (input_usd + call["max_tokens"] * usd["output"])

    heard = sum(worker["max_tokens"] for worker in workers)
    dollars = sum(map(tokens_usd, workers)) + tokens_usd(writer, heard)
    slowest = max((worker["seconds"] for worker in workers), default=0)
    return dollars, slowest + writer["seconds"]


my_system = "../examples/my_system_answers/solution.py"
