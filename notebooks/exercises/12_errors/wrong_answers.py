"""Tempting wrong answers to the exercises of 12_errors, and what is wrong with them."""

import asyncio
from dataclasses import replace

from anthropic import InternalServerError, RateLimitError


async def answer_or_fallback(agent, fallback, prompt):
    """The error is raised when the SDK has given up, and it gives up after three requests.

    So the fallback is asked only after two retries of a model that you know is overloaded.

    Ask back: how many requests lie between your `try` and your `except`? Who makes them?
    """
    try:
        return agent.name, await agent.run(prompt)
    except InternalServerError:
        return fallback.name, await fallback.run(prompt)


async def with_retry_after_cap(agent, prompt, cap):
    """Where the API asks for more than the cap, it waits for the cap and comes back too early.

    That costs a wait and a request that will be turned away; raising at once costs neither.

    Ask back: the API said 300 seconds. What do you expect it to answer after 10?
    """
    once = replace(agent, client=agent.client.with_options(max_retries=0))
    try:
        return await once.run(prompt)
    except RateLimitError as error:
        wait = float(error.response.headers.get("retry-after", "inf"))
        await asyncio.sleep(min(wait, cap))
        return await once.run(prompt)
