# right: a bound method of an object

from mas_helpers.agents import BudgetReached


class Cap:
    def __init__(self, usd):
        self.free = usd

    async def spend(self, most, job):
        if self.free < most:
            raise BudgetReached("no room")
        self.free -= most
        try:
            cost = await job()
        except BaseException:
            self.free += most
            raise
        self.free += most - cost
        return cost


def make_cap(usd):
    return Cap(usd).spend
