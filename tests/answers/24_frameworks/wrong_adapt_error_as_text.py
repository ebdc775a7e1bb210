# wrong: a failure becomes a text
from mas_helpers import agent_span


class Theirs:
    def __init__(self, bot, name):
        self.bot, self.name = bot, name

    async def run(self, prompt):
        with agent_span(self.name):
            try:
                said = await self.bot.ainvoke({"input": prompt})
            except self.bot.Error as error:
                return f"Error: {error}"
        if said["error"] is not None or not said["output"].strip():
            return f"Error: {said['error']}"
        return said["output"]


def adapt(bot, name):
    return Theirs(bot, name)
