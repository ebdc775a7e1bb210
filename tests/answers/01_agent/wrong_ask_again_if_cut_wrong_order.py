# wrong: begins with much room
from mas_helpers import ReplyTruncated, text_of


async def ask_again_if_cut(agent, prompt):
    try:
        reply = await agent.reply(prompt, max_tokens=4000)
    except ReplyTruncated:
        reply = await agent.reply(prompt, max_tokens=200)
    return text_of(reply)
