# wrong: the message, not its text
from mas_helpers import ReplyTruncated


async def ask_again_if_cut(agent, prompt):
    try:
        return await agent.reply(prompt, max_tokens=200)
    except ReplyTruncated:
        return await agent.reply(prompt, max_tokens=4000)
