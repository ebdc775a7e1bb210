"""Solutions to the exercises of 17_cost."""

import contextlib

from mas_helpers import fan_out
from mas_helpers.agents import BudgetReached


async def warm_up(warm, jobs):
    with contextlib.suppress(Exception):
        await warm
    return await fan_out(jobs)


def make_cap(usd):
    paid, held = [], []

    async def spend(most, job):
        if sum(paid) + sum(held) + most > usd:
            raise BudgetReached("it doesn't fit")
        held.append(most)
        try:
            cost = await job()
        finally:
            held.remove(most)
        paid.append(cost)
        return cost

    return spend
