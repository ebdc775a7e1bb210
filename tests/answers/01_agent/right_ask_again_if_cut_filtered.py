# right: lets the other errors go on by hand
from mas_helpers import ReplyError, ReplyTruncated, text_of


async def ask_again_if_cut(agent, prompt):
    try:
        reply = await agent.reply(prompt, max_tokens=200)
    except ReplyError as error:
        if not isinstance(error, ReplyTruncated):
            raise
        reply = await agent.reply(prompt, max_tokens=4000)
    return text_of(reply)
