# right: no class: a namespace with a function
from types import SimpleNamespace

from mas_helpers import agent_span
from mas_helpers.agents import NoAnswer


def adapt(bot, name):
    async def run(prompt):
        with agent_span(name):
            try:
                said = await bot.ainvoke({"input": prompt})
            except bot.Error as error:
                raise NoAnswer(*error.args) from None
        match said:
            case {"error": None, "output": output} if output.strip():
                return output
        raise NoAnswer(said["error"] or "nothing")

    return SimpleNamespace(name=name, run=run)
