# right: a class with run
from mas_helpers import agent_span
from mas_helpers.agents import NoAnswer


class Theirs:
    def __init__(self, bot, name):
        self.bot = bot
        self.name = name

    async def run(self, prompt):
        with agent_span(self.name):
            try:
                state = await self.bot.ainvoke({"input": prompt})
            except self.bot.Error as error:
                raise NoAnswer(str(error)) from error
            if state["error"] is not None:
                raise NoAnswer(state["error"])
            if not state["output"].strip():
                raise NoAnswer(f"{self.name} said nothing")
            return state["output"]


def adapt(bot, name):
    return Theirs(bot, name)
