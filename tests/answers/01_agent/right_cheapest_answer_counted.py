# right: counts how many are left
from mas_helpers import ReplyError


async def cheapest_answer(agents, prompt):
    for number, agent in enumerate(agents, 1):
        try:
            return await agent.run(prompt)
        except ReplyError:
            if number == len(agents):
                raise
