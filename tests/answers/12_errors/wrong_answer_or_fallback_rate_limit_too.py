# wrong: asks the fallback after a rate limit, too
from dataclasses import replace

from anthropic import InternalServerError, RateLimitError


async def answer_or_fallback(agent, fallback, prompt):
    once = replace(agent, client=agent.client.with_options(max_retries=0))
    try:
        return agent.name, await once.run(prompt)
    except (InternalServerError, RateLimitError):
        return fallback.name, await fallback.run(prompt)
