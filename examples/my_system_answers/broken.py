"""Three desks that look right and are not: each fails exactly one acceptance test.

python broken.py                     # what each of them does
python broken.py budget FILE         # writes it: solution.py with the lines changed
"""

import sys
from dataclasses import dataclass
from pathlib import Path

SOLUTION = Path(__file__).with_name("solution.py")


@dataclass(frozen=True)
class Change:
    """Lines of the solution, and what they're replaced by."""

    right: str
    wrong: str


@dataclass(frozen=True)
class Broken:
    """Why it looks right, what's wrong, which test tells, and the changes that make it."""

    looks: str
    flaw: str
    fails: str
    changes: tuple[Change, ...]

    def source(self) -> str:
        """The whole module. Raises ValueError where the solution has changed meanwhile."""
        text = SOLUTION.read_text(encoding="utf-8")
        for change in self.changes:
            if text.count(change.right) != 1:
                raise ValueError(f"solution.py doesn't hold this once:\n{change.right}")
            text = text.replace(change.right, change.wrong)
        return text


BROKEN = {
    "budget": Broken(
        looks="Before each call it adds the most that the call may cost to what is paid so far, and"
        " makes no call that would go over.",
        flaw="Four workers begin at once. Each sees that nothing is paid yet.",
        fails="test_budget",
        changes=(
            Change(
                "from anthropic.lib.tools.mcp import async_mcp_tool\n",
                "from anthropic import Middleware\nfrom anthropic.lib.tools.mcp import"
                " async_mcp_tool\n",
            ),
            Change(
                "from mas_helpers import HAIKU, Agent, ToolAgent, agent_span\n",
                "from mas_helpers import HAIKU, Agent, ToolAgent, agent_span, cost_usd, trace\n",
            ),
            Change("    Budget,\n", "    BudgetReached,\n"),
            Change("    reason_for,\n", "    most_usd,\n    reason_for,\n"),
            Change(
                """async def answer(ticket: str, question: str, desk: Desk) -> Answer:
    budget = Budget(desk.budget_usd, strict=True)
    client = desk.client.with_middleware(budget)
    with agent_span("desk"),""",
                '''class Cap(Middleware):
    """Makes no call that would take what is spent over the budget."""

    def __init__(self, usd: float, spent: Any) -> None:
        self.usd, self.spent = usd, spent

    async def handle_async(self, request: Any, call_next: Any) -> Any:
        if cost_usd(self.spent) + most_usd(request.json) > self.usd:
            raise BudgetReached(f"the budget of ${self.usd:.4f} has no room for this call")
        return await call_next(request)


async def answer(ticket: str, question: str, desk: Desk) -> Answer:
    with trace() as spent, agent_span("desk"),''',
            ),
            Change(
                " as journal:\n        return await with_deadline(_answer(",
                " as journal:\n        cap = Cap(desk.budget_usd, spent)\n        client ="
                " desk.client.with_middleware(cap)\n        return await"
                " with_deadline(_answer(",
            ),
        ),
    ),
    "faults": Broken(
        looks="A worker's text is taken from its message, and an empty one is a gap.",
        flaw="It never looks at why the message ends. One that was cut is taken for a whole one.",
        fails="test_faults",
        changes=(
            Change(
                "from mas_helpers import HAIKU, Agent, ToolAgent, agent_span\n",
                "from mas_helpers import HAIKU, Agent, ToolAgent, agent_span, text_of\n",
            ),
            Change(
                "            worker = Agent(name, HAIKU,",
                "            worker = Worker(name, HAIKU,",
            ),
            Change(
                "async def _ask_workshop(",
                '''class Worker(Agent):
    """An agent that makes one call, and gives its text."""

    async def run(self, prompt: str) -> str:
        with agent_span(self.name):
            message = await self.client.messages.create(
                model=self.model,
                system=self.system,
                max_tokens=self.max_tokens,
                messages=[{"role": "user", "content": prompt}],
            )
        return text_of(message) if message.content else ""


async def _ask_workshop(''',
            ),
        ),
    ),
    "resume": Broken(
        looks="Each worker's answer and the writer's text are steps of the letter's journal.",
        flaw="The writer's step has a fixed key. After a gap the letter is asked again; the worker"
        " answers now, and the reader gets the text that was written without it.",
        fails="test_resume",
        changes=(
            Change(
                "            return await answer_of(DurableAgent(writer, journal.once), prompt)\n"
                "    except FAILURES:\n",
                '            return str(await journal.once("writer", lambda: answer_of(writer,'
                " prompt)))\n    except FAILURES:\n",
            ),
        ),
    ),
}


def main(words: list[str]) -> int:
    if len(words) == 2 and words[0] in BROKEN:
        Path(words[1]).write_text(BROKEN[words[0]].source(), encoding="utf-8")
        return 0
    for name, broken in BROKEN.items():
        print(f"{name}: {broken.looks}\n  {broken.flaw} It fails {broken.fails}.")
    return 2 if words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
