# wrong: passes over cut replies only
from mas_helpers import ReplyTruncated


async def cheapest_answer(agents, prompt):
    for agent in agents:
        try:
            return await agent.run(prompt)
        except ReplyTruncated as error:
            last = error
    raise last
