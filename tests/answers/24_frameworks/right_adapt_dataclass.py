# right: a dataclass, its errors gathered first
from dataclasses import dataclass
from typing import Any

from mas_helpers import agent_span
from mas_helpers.agents import NoAnswer


@dataclass
class Adapter:
    bot: Any
    name: str

    async def run(self, prompt):
        with agent_span(self.name):
            output, problem = await self.ask(prompt)
        if problem or not output.strip():
            raise NoAnswer(problem or "an empty answer")
        return output

    async def ask(self, prompt):
        try:
            said = await self.bot.ainvoke({"input": prompt})
            return said["output"], said["error"]
        except self.bot.Error as error:
            return "", str(error)


def adapt(bot, name):
    return Adapter(bot, name)
