"""Lesson 06: a plan that can be carried out, typed, checked, sent back once."""

from __future__ import annotations

import re
from collections.abc import Collection

from pydantic import BaseModel

from .agent import AgentLike, ReplyEmpty, ReplyMalformed, ReplyTruncated, text_of
from .failures import NoAnswer, answer_of, carries_paid


class Subtask(BaseModel):
    """One worker's share: its kind, all it is told, and the subtasks whose results it needs."""

    kind: str
    task: str
    needs: list[int]


class Plan(BaseModel):
    """How a question is split up."""

    subtasks: list[Subtask]


CROSS_REFERENCE = re.compile(
    r"\b(sub)?task #?(\d|(one|two|three|four)\b)"
    r"|\bfirst (subtask|worker)s?\b"
    r"|\b(second|third|fourth|previous|preceding|earlier|other) (sub)?(task|worker)s?\b",
    re.IGNORECASE,
)


def plan_problems(plan: Plan, kinds: Collection[str], max_subtasks: int = 4) -> list[str]:
    """What keeps a plan from being carried out at once, in words; `[]` where nothing is seen."""
    problems = []
    seen: dict[tuple[str, frozenset[str]], int] = {}
    count = len(plan.subtasks)
    if not 2 <= count <= max_subtasks:
        noun = "subtask" if count == 1 else "subtasks"
        problems.append(f"it has {count} {noun}, and must have 2 to {max_subtasks}")
    for number, subtask in enumerate(plan.subtasks, 1):
        name = f"subtask {number}"
        words = frozenset(re.findall(r"\w+", subtask.task.casefold()))
        if subtask.kind not in kinds:
            problems.append(f"{name} is for {subtask.kind!r}; there are {', '.join(kinds)}")
        if not words:
            problems.append(f"{name} is empty")
        elif first := seen.get((subtask.kind, words)):
            problems.append(f"{name} says the same as subtask {first}")
        if subtask.needs:
            needed = ", ".join(map(str, subtask.needs))
            problems.append(f"{name} needs the result of {needed}, and all begin at once")
        elif found := CROSS_REFERENCE.search(subtask.task):
            problems.append(f"{name} speaks of {found.group()!r}, which its worker will not see")
        seen.setdefault((subtask.kind, words), number)
    return problems


class InvalidPlan(NoAnswer):
    """A plan that no worker should be paid for.

    `.problems` says in words why; the last one, if any, is `.plan`.
    """

    def __init__(self, problems: list[str], plan: Plan | None = None) -> None:
        self.problems, self.plan = problems, plan
        super().__init__(problems, plan)

    def __str__(self) -> str:
        return "; ".join(self.problems)


@carries_paid
async def make_plan(
    question: str, planner: AgentLike, kinds: Collection[str], max_subtasks: int = 4
) -> Plan:
    """A plan in which `plan_problems` finds nothing.

    The planner is asked twice at most, and told what was wrong. Raises InvalidPlan.
    """
    require_room(kinds, max_subtasks)
    prompt, plan, problems = question, None, list[str]()
    for _ in range(2):
        try:
            plan = await answer_of(planner, prompt, Plan)
            sent_back, problems = plan.model_dump_json(), plan_problems(plan, kinds, max_subtasks)
            if not problems:
                return plan
        except (ReplyMalformed, ReplyTruncated, ReplyEmpty) as error:
            sent_back, problems = text_of(error.reply), [str(error)]
        prompt = (
            f"{question}\n\nYour last plan was sent back:\n{sent_back}\n\n"
            f"What is wrong: {'; '.join(problems)}. Make another one."
        )
    raise InvalidPlan(problems, plan)


def require_room(kinds: Collection[str], max_subtasks: int) -> None:
    """Raises ValueError where no plan could be carried out: before anybody is paid for one."""
    if not kinds:
        raise ValueError("there is no worker, so no plan can be carried out")
    if max_subtasks < 2:
        raise ValueError(f"max_subtasks={max_subtasks}: a plan has 2 subtasks at least")
