# right: a new Agent instead of replace
from anthropic import InternalServerError

from mas_helpers import Agent, text_of


async def answer_or_fallback(agent, fallback, prompt):
    client = agent.client.with_options(max_retries=0)
    once = Agent(agent.name, agent.model, agent.system, client=client)
    try:
        answer = await once.reply(prompt)
    except InternalServerError:
        answer, once = await fallback.reply(prompt), fallback
    return [once.name, text_of(answer)]
