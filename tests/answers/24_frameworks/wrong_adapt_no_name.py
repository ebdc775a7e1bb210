# wrong: an agent without its name
from types import SimpleNamespace

from mas_helpers import agent_span
from mas_helpers.agents import NoAnswer


def adapt(bot, name):
    async def run(prompt):
        with agent_span(name):
            try:
                said = await bot.ainvoke({"input": prompt})
            except bot.Error as error:
                raise NoAnswer(str(error)) from error
        if said["error"] is not None or not said["output"].strip():
            raise NoAnswer(said["error"] or "nothing")
        return said["output"]

    return SimpleNamespace(run=run)
