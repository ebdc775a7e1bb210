# wrong: an await between looking and setting aside lets the others look too

import asyncio

from mas_helpers.agents import BudgetReached


def make_cap(usd):
    left = usd

    async def spend(most, job):
        nonlocal left
        if most > left:
            raise BudgetReached("no room")
        await asyncio.sleep(0)
        left -= most
        cost = 0
        try:
            cost = await job()
        finally:
            left += most - cost
        return cost

    return spend
