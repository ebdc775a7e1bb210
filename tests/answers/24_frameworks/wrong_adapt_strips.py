# wrong: the text is changed on its way
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
        text = said["output"].strip()
        if said["error"] is not None or not text:
            raise NoAnswer(said["error"] or "nothing")
        return text


def adapt(bot, name):
    return Theirs(bot, name)
