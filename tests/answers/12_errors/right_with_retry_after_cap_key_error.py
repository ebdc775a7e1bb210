# right: a header that is not there is a KeyError
import asyncio
from dataclasses import replace

from anthropic import RateLimitError


async def with_retry_after_cap(agent, prompt, cap):
    once = replace(agent, client=agent.client.copy(max_retries=0))
    try:
        return await once.run(prompt)
    except RateLimitError as error:
        try:
            wait = float(error.response.headers["Retry-After"])
        except KeyError:
            raise error from None
        if not wait <= cap:
            raise
        await asyncio.sleep(wait)
        return await once.run(prompt)
