# wrong: the fallback tries once
from dataclasses import replace

from anthropic import InternalServerError


async def answer_or_fallback(agent, fallback, prompt):
    def once(who):
        return replace(who, client=who.client.with_options(max_retries=0))

    try:
        return agent.name, await once(agent).run(prompt)
    except InternalServerError:
        return fallback.name, await once(fallback).run(prompt)
