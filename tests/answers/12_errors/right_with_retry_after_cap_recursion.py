# right: itself again, with a cap that nothing is below
import asyncio
from dataclasses import replace

from anthropic import RateLimitError


async def with_retry_after_cap(agent, prompt, cap):
    once = replace(agent, client=agent.client.with_options(max_retries=0))
    try:
        return await once.run(prompt)
    except RateLimitError as error:
        wait = float(error.response.headers.get("retry-after", cap + 1))
        if wait > cap:
            raise
        await asyncio.sleep(wait)
        return await with_retry_after_cap(agent, prompt, -1)
