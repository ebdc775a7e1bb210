"""A plan: subtasks that workers can do at once, typed, and checked by counting and by words."""

from __future__ import annotations

import re
from collections.abc import Collection

from pydantic import BaseModel


class Subtask(BaseModel):
    """One worker's share: its kind, all that it is told, and the numbers of the subtasks whose results it needs."""

    kind: str
    task: str
    needs: list[int]


class Plan(BaseModel):
    """How a question is split up."""

    subtasks: list[Subtask]


class BadPlan(Exception):
    """A plan that no worker should be paid for. `.problems` says in words why; the last one, if any, is `.plan`."""

    def __init__(self, problems: list[str], plan: Plan | None = None) -> None:
        self.problems, self.plan = problems, plan
        super().__init__(problems, plan)

    def __str__(self) -> str:
        return "; ".join(self.problems)


LEANING = re.compile(
    r"\b(sub)?task #?\d|\b(second|third|fourth|previous|preceding|earlier|other) (sub)?(task|worker)s?\b",
    re.IGNORECASE,
)


def flaws(plan: Plan, kinds: Collection[str], most: int = 4) -> list[str]:
    """What is seen to keep a plan from being carried out at once, in words; `[]` where nothing is."""
    count, seen, problems = len(plan.subtasks), {}, []
    if not 2 <= count <= most:
        problems.append(f"it has {count} subtask{'s' * (count != 1)}, and must have 2 to {most}")
    for number, subtask in enumerate(plan.subtasks, 1):
        words = frozenset(re.findall(r"\w+", subtask.task.casefold()))
        if subtask.kind not in kinds:
            problems.append(f"subtask {number} is for {subtask.kind!r}; there are {', '.join(kinds)}")
        if not words:
            problems.append(f"subtask {number} is empty")
        elif (subtask.kind, words) in seen:
            problems.append(f"subtask {number} says the same as subtask {seen[subtask.kind, words]}")
        if subtask.needs:
            needed = ", ".join(map(str, subtask.needs))
            problems.append(f"subtask {number} needs the result of {needed}, and all begin at once")
        elif leaning := LEANING.search(subtask.task):
            problems.append(f"subtask {number} speaks of {leaning.group()!r}, which its worker will not see")
        seen.setdefault((subtask.kind, words), number)
    return problems
