# wrong: make_cap is a coroutine function, so its call gives no function

from mas_helpers.agents import BudgetReached


async def make_cap(usd):
    left = usd

    async def spend(most, job):
        nonlocal left
        if most > left:
            raise BudgetReached("no room")
        left -= most
        cost = 0
        try:
            cost = await job()
        finally:
            left += most - cost
        return cost

    return spend
