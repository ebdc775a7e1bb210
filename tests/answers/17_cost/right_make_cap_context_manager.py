# right: a context manager that sets aside and gives back

import contextlib

from mas_helpers.agents import BudgetReached


def make_cap(usd):
    state = {"paid": 0, "held": 0}

    @contextlib.contextmanager
    def reserve(most):
        if state["paid"] + state["held"] + most > usd:
            raise BudgetReached("no room")
        state["held"] += most
        try:
            yield
        finally:
            state["held"] -= most

    async def spend(most, job):
        with reserve(most):
            cost = await job()
            state["paid"] += cost
        return cost

    return spend
