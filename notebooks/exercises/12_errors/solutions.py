"""Solutions to the exercises of 12_errors."""

import asyncio
from dataclasses import replace

from anthropic import InternalServerError, RateLimitError


async def answer_or_fallback(agent, fallback, prompt):
    once = replace(agent, client=agent.client.with_options(max_retries=0))
    try:
        return agent.name, await once.run(prompt)
    except InternalServerError:
        return fallback.name, await fallback.run(prompt)


async def with_retry_after_cap(agent, prompt, cap):
    once = replace(agent, client=agent.client.with_options(max_retries=0))
    try:
        return await once.run(prompt)
    except RateLimitError as error:
        wait = float(error.response.headers.get("retry-after", "inf"))
        if wait > cap:
            raise
    await asyncio.sleep(wait)
    return await once.run(prompt)
