# right: a loop of two
import asyncio
from dataclasses import replace

from anthropic import RateLimitError


async def with_retry_after_cap(agent, prompt, cap):
    once = replace(agent, client=agent.client.with_options(max_retries=0))
    for is_last in (False, True):
        try:
            return await once.run(prompt)
        except RateLimitError as error:
            told = error.response.headers.get("retry-after")
            if is_last or told is None or float(told) > cap:
                raise
            await asyncio.sleep(float(told))
