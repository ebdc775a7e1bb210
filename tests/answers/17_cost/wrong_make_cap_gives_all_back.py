# wrong: what was paid is given back as well

from mas_helpers.agents import BudgetReached


def make_cap(usd):
    held = 0

    async def spend(most, job):
        nonlocal held
        if held + most > usd:
            raise BudgetReached("no room")
        held += most
        try:
            return await job()
        finally:
            held -= most

    return spend
