# wrong: an error of the API is passed over
from anthropic import APIError

from mas_helpers import ReplyError


async def cheapest_answer(agents, prompt):
    for agent in agents:
        try:
            return await agent.run(prompt)
        except (ReplyError, APIError) as error:
            last = error
    raise last
