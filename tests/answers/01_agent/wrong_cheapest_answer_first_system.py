# wrong: every model with the first agent's prompt
from dataclasses import replace

from mas_helpers import ReplyError


async def cheapest_answer(agents, prompt):
    for agent in agents:
        try:
            return await replace(agents[0], model=agent.model).run(prompt)
        except ReplyError as error:
            last = error
    raise last
