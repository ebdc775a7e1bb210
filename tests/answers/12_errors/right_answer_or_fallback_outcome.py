# right: asks for an Outcome first
from dataclasses import replace

from anthropic import InternalServerError

from mas_helpers.agents import outcome_of


async def ask(who, prompt):
    return who.name, await who.run(prompt)


def answer_or_fallback(agent, fallback, prompt):
    async def go():
        once = replace(agent, client=agent.client.with_options(max_retries=0))
        came = await outcome_of(ask(once, prompt))
        if isinstance(came.error, InternalServerError):
            return await ask(fallback, prompt)
        if came.error:
            raise came.error
        return came.value

    return go()
