# wrong: what a job didn't cost is never given back

from mas_helpers.agents import BudgetReached


def make_cap(usd):
    left = usd

    async def spend(most, job):
        nonlocal left
        if most > left:
            raise BudgetReached("no room")
        left -= most
        return await job()

    return spend
