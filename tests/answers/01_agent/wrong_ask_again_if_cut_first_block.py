# wrong: one block of several
from mas_helpers import ReplyTruncated


async def ask_again_if_cut(agent, prompt):
    try:
        reply = await agent.reply(prompt, max_tokens=200)
    except ReplyTruncated:
        reply = await agent.reply(prompt, max_tokens=4000)
    return [block.text for block in reply.content if block.type == "text"][0]
