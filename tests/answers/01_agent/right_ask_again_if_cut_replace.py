# right: a copy of the agent with another ceiling
from dataclasses import replace

from mas_helpers import ReplyTruncated


async def ask_again_if_cut(agent, prompt):
    try:
        return await replace(agent, max_tokens=200).run(prompt)
    except ReplyTruncated:
        return await replace(agent, max_tokens=4000).run(prompt)
