# right: what is left, from which the most is taken and the rest given back

from mas_helpers.agents import BudgetReached


def make_cap(usd):
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
