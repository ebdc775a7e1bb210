# wrong: a cancelled job keeps its money: CancelledError is no Exception

from mas_helpers.agents import BudgetReached


def make_cap(usd):
    left = usd

    async def spend(most, job):
        nonlocal left
        if most > left:
            raise BudgetReached("no room")
        left -= most
        try:
            cost = await job()
        except Exception:
            left += most
            raise
        left += most - cost
        return cost

    return spend
