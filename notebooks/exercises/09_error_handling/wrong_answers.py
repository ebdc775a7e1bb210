"""Tempting wrong answers to the exercises of 09_error_handling, and what is wrong with them."""

import asyncio
from dataclasses import replace

from anthropic import InternalServerError, RateLimitError

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


async def answer_or_fallback(agent, fallback, prompt):
    """The error comes out when the SDK has given up, and it gives up after three requests.

    Whoever waits for the fallback waits for two retries, of a model that is known to be overloaded.

    Ask back: how many requests lie between your `try` and your `except`? Who makes them?
    """
    try:
        return agent.name, await agent.run(prompt)
    except InternalServerError:
        return fallback.name, await fallback.run(prompt)


async def with_retry_after_cap(agent, prompt, cap):
    """It waits for the cap where the API asked for more, and comes too early by arrangement: a wait
    and a request that will be turned away, where raising at once costs neither.

    Ask back: the API said 300 seconds. What do you expect it to answer after 10?
    """
    once = replace(agent, client=agent.client.with_options(max_retries=0))
    try:
        return await once.run(prompt)
    except RateLimitError as error:
        wait = float(error.response.headers.get("retry-after", "inf"))
        await asyncio.sleep(min(wait, cap))
        return await once.run(prompt)
