"""Tempting wrong answers to the exercises of 13_deadlines, and what is wrong with them."""

import asyncio

from mas_helpers.agents import outcome_of


async def gather_outcomes(jobs, deadline):
    """In time, and with nothing: the limit is around all of them.

    When one is late, the answers that the others had ready are thrown away with it, and they are
    paid for.

    Ask back: what had b and c brought when the limit struck? Where are their answers now?
    """
    async with asyncio.timeout(deadline):
        outcomes = await asyncio.gather(*map(outcome_of, jobs.values()))
    return dict(zip(jobs, outcomes, strict=True))


async def as_far_as(stages, text, deadline):
    """Every `TimeoutError` is taken for the deadline.

    A stage that passes a limit of its own raises the same error, long before the time is up: half a
    result comes back, and looks as if there had been no more time.

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
