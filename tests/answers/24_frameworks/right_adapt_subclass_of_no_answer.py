# right: an error of its own kind
from mas_helpers import agent_span
from mas_helpers.agents import NoAnswer


class BotFailed(NoAnswer):
    pass


class Wrapped:
    def __init__(self, bot, name):
        self.ainvoke, self.error, self.name = bot.ainvoke, bot.Error, name

    async def run(self, prompt):
        with agent_span(self.name):
            try:
                said = await self.ainvoke({"input": prompt})
            except self.error as error:
                raise BotFailed(f"{self.name} failed: {error}") from error
        if said.get("error") is not None or said["output"].isspace() or said["output"] == "":
            raise BotFailed(f"{self.name} failed: {said['error']}")
        return said["output"]


def adapt(bot, name):
    return Wrapped(bot, name)
