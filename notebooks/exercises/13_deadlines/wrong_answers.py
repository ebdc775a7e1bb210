"""Tempting wrong answers to the exercises of 13_deadlines, and what is wrong with them."""

import asyncio

from mas_helpers.agents import outcome_of


async def gather_outcomes(jobs, deadline):
    """It ends in time, with nothing: the limit is around all the jobs.

    When one of them is late, the answers of the others are thrown away with it, and you've paid for
    them.

    Ask back: what had the other two brought when time ran out? Where are their answers now?
    """
    async with asyncio.timeout(deadline):
        outcomes = await asyncio.gather(*map(outcome_of, jobs.values()))
    return dict(zip(jobs, outcomes, strict=True))


async def as_far_as(stages, text, deadline):
    """It takes every `TimeoutError` for the deadline.

    A stage that runs past a limit of its own raises the same error, long before the time is up.
    Half a result comes back then, as if there had been no more time.

    Ask back: whose time was up at second 3? How could your `except` tell?
    """
    done = []
    try:
        async with asyncio.timeout(deadline):
            for name, work in stages.items():
                text = await work(text)
                done.append(name)
    except TimeoutError:
        pass
    return done, text
