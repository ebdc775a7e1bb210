# right: an entry for each job, which is first the most and then the cost

from mas_helpers.agents import BudgetReached


def make_cap(usd):
    entries = {}

    async def spend(most, job):
        if sum(entries.values()) + most > usd:
            raise BudgetReached("no room")
        key = object()
        entries[key] = most
        try:
            entries[key] = await job()
        except BaseException:
            del entries[key]
            raise
        return entries[key]

    return spend
