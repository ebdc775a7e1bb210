# wrong: all the retries before the fallback
from dataclasses import replace

from anthropic import InternalServerError


async def answer_or_fallback(agent, fallback, prompt):
    try:
        return agent.name, await agent.run(prompt)
    except InternalServerError:
        return fallback.name, await fallback.run(prompt)
