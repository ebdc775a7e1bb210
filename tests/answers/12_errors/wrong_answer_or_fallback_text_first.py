# wrong: the text before the name
from dataclasses import replace

from anthropic import InternalServerError


async def answer_or_fallback(agent, fallback, prompt):
    once = replace(agent, client=agent.client.with_options(max_retries=0))
    try:
        return await once.run(prompt), agent.name
    except InternalServerError:
        return await fallback.run(prompt), fallback.name
