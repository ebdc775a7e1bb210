# wrong: no span: nobody knows whose call it was
from mas_helpers.agents import NoAnswer


class Theirs:
    def __init__(self, bot, name):
        self.bot, self.name = bot, name

    async def run(self, prompt):
        try:
            said = await self.bot.ainvoke({"input": prompt})
        except self.bot.Error as error:
            raise NoAnswer(str(error)) from error
        if said["error"] is not None or not said["output"].strip():
            raise NoAnswer(said["error"] or "nothing")
        return said["output"]


def adapt(bot, name):
    return Theirs(bot, name)
