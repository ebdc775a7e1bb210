# right: contextlib.suppress
from contextlib import suppress
from dataclasses import replace

from anthropic import InternalServerError


async def answer_or_fallback(agent, fallback, prompt):
    with suppress(InternalServerError):
        client = agent.client.with_options(max_retries=0)
        return agent.name, await replace(agent, client=client).run(prompt)
    return fallback.name, await fallback.run(prompt)
