# wrong: raises the first agent's error
from mas_helpers import ReplyError


async def cheapest_answer(agents, prompt):
    first = None
    for agent in agents:
        try:
            return await agent.run(prompt)
        except ReplyError as error:
            first = first or error
    raise first
