# wrong: their error propagates as it is
from mas_helpers import agent_span
from mas_helpers.agents import NoAnswer


class Theirs:
    def __init__(self, bot, name):
        self.bot, self.name = bot, name

    async def run(self, prompt):
        with agent_span(self.name):
            said = await self.bot.ainvoke({"input": prompt})
        if said["error"] is not None or not said["output"].strip():
            raise NoAnswer(said["error"] or "nothing")
        return said["output"]


def adapt(bot, name):
    return Theirs(bot, name)
