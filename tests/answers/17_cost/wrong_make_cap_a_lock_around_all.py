# wrong: one job at a time: the lock is held while it works

import asyncio

from mas_helpers.agents import BudgetReached


def make_cap(usd):
    lock = asyncio.Lock()
    paid = 0

    async def spend(most, job):
        nonlocal paid
        async with lock:
            if paid + most > usd:
                raise BudgetReached("no room")
            cost = await job()
            paid += cost
        return cost

    return spend
