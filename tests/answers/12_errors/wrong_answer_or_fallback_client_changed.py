# wrong: switches the retries of the client off, and on again
from anthropic import InternalServerError


async def answer_or_fallback(agent, fallback, prompt):
    before = agent.client.max_retries
    agent.client.max_retries = 0
    try:
        return agent.name, await agent.run(prompt)
    except InternalServerError:
        return fallback.name, await fallback.run(prompt)
    finally:
        agent.client.max_retries = before
