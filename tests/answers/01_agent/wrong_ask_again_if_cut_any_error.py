# wrong: asks again after every exception
from mas_helpers import text_of


async def ask_again_if_cut(agent, prompt):
    try:
        reply = await agent.reply(prompt, max_tokens=200)
    except Exception:
        reply = await agent.reply(prompt, max_tokens=4000)
    return text_of(reply)
