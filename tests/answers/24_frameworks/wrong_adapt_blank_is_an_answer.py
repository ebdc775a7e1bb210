# wrong: an empty output is an answer
from mas_helpers import agent_span
from mas_helpers.agents import NoAnswer


class Theirs:
    def __init__(self, bot, name):
        self.bot, self.name = bot, name

    async def run(self, prompt):
        with agent_span(self.name):
            try:
                said = await self.bot.ainvoke({"input": prompt})
            except self.bot.Error as error:
                raise NoAnswer(str(error)) from error
        if said["error"] is not None:
            raise NoAnswer(said["error"])
        return said["output"]


def adapt(bot, name):
    return Theirs(bot, name)
