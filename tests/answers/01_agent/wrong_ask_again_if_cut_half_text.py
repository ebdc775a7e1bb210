# wrong: the half text of the first reply
from mas_helpers import ReplyTruncated, text_of


async def ask_again_if_cut(agent, prompt):
    try:
        return text_of(await agent.reply(prompt, max_tokens=200))
    except ReplyTruncated as error:
        return text_of(error.reply)
