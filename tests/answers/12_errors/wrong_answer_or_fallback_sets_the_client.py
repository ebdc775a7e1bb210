# wrong: sets the client of an agent that cannot be changed
from anthropic import InternalServerError


async def answer_or_fallback(agent, fallback, prompt):
    agent.client = agent.client.with_options(max_retries=0)
    try:
        return agent.name, await agent.run(prompt)
    except InternalServerError:
        return fallback.name, await fallback.run(prompt)
