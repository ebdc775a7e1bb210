# right: a lock around looking and setting aside only

import asyncio

from mas_helpers.agents import BudgetReached


def make_cap(usd):
    lock = asyncio.Lock()
    sums = [0, 0]

    async def spend(most, job):
        async with lock:
            if sum(sums) + most > usd:
                raise BudgetReached("no room")
            sums[0] += most
        cost = 0
        try:
            cost = await job()
        finally:
            sums[0] -= most
            sums[1] += cost
        return cost

    return spend
