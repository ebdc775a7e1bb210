# wrong: the error of a job becomes a cost of 0

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
            cost = 0
        except BaseException:
            left += most
            raise
        left += most - cost
        return cost

    return spend
