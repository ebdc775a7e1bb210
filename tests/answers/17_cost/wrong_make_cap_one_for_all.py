# wrong: all caps share one list of what was spent

from mas_helpers.agents import BudgetReached


SPENT = []


def make_cap(usd):
    async def spend(most, job):
        if sum(SPENT) + most > usd:
            raise BudgetReached("no room")
        SPENT.append(most)
        cost = 0
        try:
            cost = await job()
        finally:
            SPENT.remove(most)
            SPENT.append(cost)
        return cost

    return spend
