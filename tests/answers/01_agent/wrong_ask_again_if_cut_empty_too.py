# wrong: an empty reply is asked again too
from mas_helpers import ReplyEmpty, ReplyTruncated, text_of


async def ask_again_if_cut(agent, prompt):
    try:
        reply = await agent.reply(prompt, max_tokens=200)
    except (ReplyTruncated, ReplyEmpty):
        reply = await agent.reply(prompt, max_tokens=4000)
    return text_of(reply)
