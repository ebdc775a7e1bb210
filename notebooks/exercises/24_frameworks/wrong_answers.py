"""Tempting wrong answers to the exercises of 24_frameworks, and what to ask back."""

from mas_helpers import agent_span


async def names_gaps(system):
    """One worker is broken, and the answer has to speak of it. That's how most people try a
    framework: once. A system that always says that something is missing passes, too.

    Ask back: what would you answer if nobody had failed? And if it had been another one?
    """

    async def works(task):
        return "found"

    async def fails(task):
        raise RuntimeError("down")

    try:
        answer = await system({"data": fails, "summary": works, "code": works})
    except Exception:
        return True
    return "missing: data" in answer


def choose(rows, most, needs):
    """What nobody measured counts as 0, the best value there is: the less is known of a framework,
    the better it looks.

    Ask back: how many megabytes does the one that you chose have? Who measured that?
    """
    return [
        name
        for name, row in rows.items()
        if all((row.get(key) or 0) <= limit for key, limit in most.items())
        and all(row.get(key) for key in needs)
    ]


class Adapted:
    def __init__(self, bot, name):
        self.bot, self.name = bot, name

    async def run(self, prompt):
        with agent_span(self.name):
            said = await self.bot.ainvoke({"input": prompt})
        return said["output"] or said["error"]


def adapt(bot, name):
    """What comes back is a text, whichever field it's in. So a refusal becomes a part of the
    answer, and the synthesizer reads it as a finding.

    Ask back: what does `.missing` say after this worker has refused?
    """
    return Adapted(bot, name)
