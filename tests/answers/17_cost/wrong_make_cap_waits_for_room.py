# wrong: one that doesn't fit waits in place of being refused

import asyncio

from mas_helpers.agents import BudgetReached


def make_cap(usd):
    left = usd

    async def spend(most, job):
        nonlocal left
        for _ in range(10):
            if most <= left:
                break
            await asyncio.sleep(1)
        else:
            raise BudgetReached("no room")
        left -= most
        cost = 0
        try:
            cost = await job()
        finally:
            left += most - cost
        return cost

    return spend
