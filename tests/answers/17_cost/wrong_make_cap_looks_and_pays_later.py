# wrong: check-then-act: everybody looks before anybody has paid

from mas_helpers.agents import BudgetReached


def make_cap(usd):
    paid = 0

    async def spend(most, job):
        nonlocal paid
        if paid >= usd:
            raise BudgetReached("nothing left")
        cost = await job()
        paid += cost
        return cost

    return spend
