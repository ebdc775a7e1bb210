# right: two sums, one for what is paid and one for what is set aside

from mas_helpers.agents import BudgetReached


def make_cap(usd):
    paid = held = 0

    async def spend(most, job):
        nonlocal paid, held
        if paid + held + most > usd:
            raise BudgetReached(f"{usd - paid - held} are left")
        held += most
        try:
            cost = await job()
            paid += cost
            return cost
        finally:
            held -= most

    return spend
