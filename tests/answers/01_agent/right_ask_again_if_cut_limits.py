# right: goes through the two limits
from mas_helpers import ReplyTruncated, text_of


async def ask_again_if_cut(agent, prompt):
    for limit in (200, 4000):
        try:
            return text_of(await agent.reply(prompt, max_tokens=limit))
        except ReplyTruncated:
            if limit == 4000:
                raise
