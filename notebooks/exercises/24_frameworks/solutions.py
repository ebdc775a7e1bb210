"""Solutions to the exercises of 24_frameworks."""

from itertools import combinations

from mas_helpers import agent_span
from mas_helpers.agents import NoAnswer


async def names_gaps(system):
    names = ["data", "summary", "code"]

    def worker(name, fails):
        async def work(task):
            if fails:
                raise RuntimeError("down")
            return f"what {name} found"

        return work

    for lost in [(), *combinations(names, 1), *combinations(names, 2)]:
        try:
            answer = await system({name: worker(name, name in lost) for name in names})
        except Exception:
            if not lost:
                return False
            continue
        for name in names:
            if (f"missing: {name}" in answer) is not (name in lost):
                return False
            if (f"what {name} found" in answer) is (name in lost):
                return False
    return True


def choose(rows, most, needs):
    def fits(row):
        kept = all(row.get(name) is not None and row[name] <= limit for name, limit in most.items())
        return kept and all(row.get(name) is True for name in needs)

    return [name for name, row in rows.items() if fits(row)]


class Adapted:
    def __init__(self, bot, name):
        self.bot, self.name = bot, name

    async def run(self, prompt):
        with agent_span(self.name):
            try:
                said = await self.bot.ainvoke({"input": prompt})
            except self.bot.Error as error:
                raise NoAnswer(f"{self.name}: {error}") from error
        if said["error"] is not None or not said["output"].strip():
            raise NoAnswer(f"{self.name}: {said['error'] or 'nothing was said'}")
        return said["output"]


def adapt(bot, name):
    return Adapted(bot, name)
