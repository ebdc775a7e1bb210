# wrong: knows 500 and 529 only
from dataclasses import replace

from anthropic import APIStatusError


async def answer_or_fallback(agent, fallback, prompt):
    once = replace(agent, client=agent.client.with_options(max_retries=0))
    try:
        return agent.name, await once.run(prompt)
    except APIStatusError as error:
        if error.status_code in (500, 529):
            return fallback.name, await fallback.run(prompt)
        raise
