# right: takes the agents from a copy of the list
from collections import deque

from mas_helpers import ReplyError, text_of


async def cheapest_answer(agents, prompt):
    waiting = deque(agents)
    while waiting:
        agent = waiting.popleft()
        try:
            reply = await agent.reply(prompt)
        except ReplyError:
            if not waiting:
                raise
        else:
            return text_of(reply)
