# wrong: begins with the last one
from mas_helpers import ReplyError


async def cheapest_answer(agents, prompt):
    for agent in reversed(agents):
        try:
            return await agent.run(prompt)
        except ReplyError as error:
            last = error
    raise last
