# right: errors translated by a context manager
from contextlib import contextmanager

from mas_helpers import agent_span
from mas_helpers.agents import NoAnswer


@contextmanager
def translated(kind):
    try:
        yield
    except kind as error:
        raise NoAnswer(str(error)) from error


class Agent:
    def __init__(self, bot, name):
        self.bot, self.name = bot, name

    async def run(self, prompt):
        with agent_span(self.name), translated(self.bot.Error):
            said = await self.bot.ainvoke({"input": prompt})
            if said["error"] is not None:
                raise self.bot.Error(said["error"])
            if not said["output"].strip():
                raise self.bot.Error("no text")
            return said["output"]


adapt = Agent
