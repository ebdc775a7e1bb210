# wrong: a job that fails keeps what was set aside for it

from mas_helpers.agents import BudgetReached


def make_cap(usd):
    left = usd

    async def spend(most, job):
        nonlocal left
        if most > left:
            raise BudgetReached("no room")
        left -= most
        cost = await job()
        left += most - cost
        return cost

    return spend
