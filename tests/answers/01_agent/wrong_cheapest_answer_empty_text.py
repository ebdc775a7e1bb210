# wrong: an empty text when nobody has an answer
from mas_helpers import ReplyError


async def cheapest_answer(agents, prompt):
    answer = ""
    for agent in agents:
        try:
            answer = await agent.run(prompt)
            break
        except ReplyError:
            pass
    return answer
