# right: by the status
from dataclasses import replace

from anthropic import APIStatusError


async def answer_or_fallback(agent, fallback, prompt):
    once = replace(agent, client=agent.client.copy(max_retries=0))
    try:
        text = await once.run(prompt)
    except APIStatusError as error:
        if error.status_code < 500:
            raise
        return fallback.name, await fallback.run(prompt)
    return once.name, text
