# wrong: None where the fallback fails, too
from dataclasses import replace

from anthropic import InternalServerError


async def answer_or_fallback(agent, fallback, prompt):
    once = replace(agent, client=agent.client.with_options(max_retries=0))
    for who in (once, fallback):
        try:
            return who.name, await who.run(prompt)
        except InternalServerError:
            pass
