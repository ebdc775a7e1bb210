# right: calls itself with the next limit
from mas_helpers import ReplyTruncated, text_of


async def with_limits(agent, prompt, limit, *more):
    try:
        return text_of(await agent.reply(prompt, max_tokens=limit))
    except ReplyTruncated:
        if not more:
            raise
    return await with_limits(agent, prompt, *more)


def ask_again_if_cut(agent, prompt):
    return with_limits(agent, prompt, 200, 4000)
