# wrong: it returns what is left, not what the job gave

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
        return left

    return spend
