# right: the last one is asked without a net
from mas_helpers import ReplyError


async def cheapest_answer(agents, prompt):
    *others, last = agents
    for agent in others:
        try:
            return await agent.run(prompt)
        except ReplyError:
            continue
    return await last.run(prompt)
