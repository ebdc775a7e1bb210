# wrong: changes the client of everybody
import asyncio

from anthropic import RateLimitError


async def with_retry_after_cap(agent, prompt, cap):
    agent.client.max_retries = 0
    try:
        return await agent.run(prompt)
    except RateLimitError as error:
        wait = float(error.response.headers.get("retry-after", "inf"))
        if wait > cap:
            raise
    await asyncio.sleep(wait)
    return await agent.run(prompt)
