# wrong: asks until it fits, whatever happens
from mas_helpers import text_of


async def ask_again_if_cut(agent, prompt):
    while True:
        try:
            return text_of(await agent.reply(prompt, max_tokens=200))
        except Exception:
            continue
