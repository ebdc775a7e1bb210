# right: collects all errors, raises the last
from mas_helpers import ReplyError


async def cheapest_answer(agents, prompt):
    errors = []
    for agent in agents:
        try:
            return await agent.run(prompt)
        except ReplyError as error:
            errors.append(error)
            print(agent.name, error)
    raise errors[-1]
