# wrong: waits for the cap where more is asked
import asyncio
from dataclasses import replace

from anthropic import RateLimitError


async def with_retry_after_cap(agent, prompt, cap):
    once = replace(agent, client=agent.client.with_options(max_retries=0))
    try:
        return await once.run(prompt)
    except RateLimitError as error:
        wait = float(error.response.headers.get("retry-after", "inf"))
    await asyncio.sleep(min(wait, cap))
    return await once.run(prompt)
