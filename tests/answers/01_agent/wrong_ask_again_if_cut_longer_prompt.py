# wrong: the second question is another one
from mas_helpers import ReplyTruncated, text_of


async def ask_again_if_cut(agent, prompt):
    try:
        reply = await agent.reply(prompt, max_tokens=200)
    except ReplyTruncated:
        reply = await agent.reply(f"{prompt} Be short.", max_tokens=4000)
    return text_of(reply)
