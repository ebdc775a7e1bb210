# right: remembers that it was cut, and asks outside the except
from mas_helpers import ReplyTruncated, text_of


async def ask_again_if_cut(agent, prompt):
    cut = False
    try:
        reply = await agent.reply(prompt, max_tokens=200)
    except ReplyTruncated:
        cut = True
    if cut:
        reply = await agent.reply(prompt, max_tokens=4000)
    return text_of(reply)
