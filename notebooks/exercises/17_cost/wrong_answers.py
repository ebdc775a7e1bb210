"""Tempting wrong answers to the exercises of 17_cost, and what is wrong with them."""

from mas_helpers import fan_out
from mas_helpers.agents import BudgetReached


async def warm_up(warm, jobs):
    """The warm-up is one more job at once.

    When the others are sent, its reply hasn't begun, so there is nothing to read: four calls
    write the same document, and the warm-up has made the run more expensive.

    Ask back: at which second can the document be read? At which second did ada ask for it?
    """
    results = await fan_out({"warm": warm, **jobs})
    return {name: results[name] for name in jobs}


def make_cap(usd):
    """It looks at what is paid, and pays later.

    A hundred look at the same moment, when nothing is paid, and all are let out.

    Ask back: how many have paid when the last of the hundred looks?
    """
    paid = []

    async def spend(most, job):
        if sum(paid) + most > usd:
            raise BudgetReached("it doesn't fit")
        paid.append(await job())
        return paid[-1]

    return spend
