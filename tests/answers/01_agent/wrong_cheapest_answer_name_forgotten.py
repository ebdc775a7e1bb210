# wrong: the name behind `as` is gone after the block
from mas_helpers import ReplyError


async def cheapest_answer(agents, prompt):
    for agent in agents:
        try:
            return await agent.run(prompt)
        except ReplyError as error:
            continue
    raise error
