# wrong: a function, and no agent
from mas_helpers import agent_span
from mas_helpers.agents import NoAnswer


def adapt(bot, name):
    async def run(prompt):
        with agent_span(name):
            return (await bot.ainvoke({"input": prompt}))["output"]

    return run
