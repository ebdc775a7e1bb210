"""Lesson 07 (orchestrator-workers): a plan carried out, and a result that names its
gaps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .agent import AgentLike
from .failures import FAILURES, NoAnswer, answer_of, carries_paid, reason_for
from .parallel import count_seats, fan_out
from .planner import Subtask, make_plan


@dataclass(frozen=True)
class SubtaskResult:
    """A subtask and what came of it: the answer, or the reason why it is missing."""

    subtask: Subtask
    answer: str
    missing: str = ""


async def run_subtask(subtask: Subtask, worker: AgentLike) -> SubtaskResult:
    """The worker's answer with its subtask, or the reason why there is none."""
    try:
        return SubtaskResult(subtask, await answer_of(worker, subtask.task))
    except FAILURES as error:
        return SubtaskResult(subtask, "", reason_for(error))


def synthesis_prompt(question: str, parts: list[SubtaskResult]) -> str:
    """What the synthesizer reads: the question, every result under its task, the reason for each
    missing one.
    """
    texts = [
        f"Task: {part.subtask.task}\n{part.answer or f'Missing: {part.missing}'}" for part in parts
    ]
    return "\n\n".join([f"Question: {question}", *texts])


@dataclass(frozen=True)
class OrchestrationResult:
    """The answer to a question, and the parts that it was made of."""

    text: str
    parts: list[SubtaskResult]

    @property
    def missing(self) -> list[str]:
        """The tasks that nobody could do: `["How many came in May?"]`, usually `[]`."""
        return [part.subtask.task for part in self.parts if part.missing]


class AllWorkersFailed(NoAnswer):
    """Every worker failed, so there is nothing to synthesize. `.parts` says how each failed."""

    def __init__(self, parts: list[SubtaskResult]) -> None:
        self.parts = parts
        super().__init__(parts)

    def __str__(self) -> str:
        reasons = [f"{part.subtask.kind}: {part.missing}" for part in self.parts]
        return f"no worker gave an answer: {'; '.join(reasons)}"


class SynthesisFailed(NoAnswer):
    """The synthesizer failed.

    `.parts` are paid for, and are here: `synthesis_prompt(question, error.parts)`.
    """

    def __init__(self, reason: str, parts: list[SubtaskResult]) -> None:
        self.reason, self.parts = reason, parts
        super().__init__(reason, parts)

    def __str__(self) -> str:
        return f"the parts were not put together: {self.reason}"


@carries_paid
async def orchestrate(
    question: str,
    planner: AgentLike,
    workers: Mapping[str, AgentLike],
    synthesizer: AgentLike,
    *,
    max_subtasks: int = 4,
    max_concurrency: int | None = None,
) -> OrchestrationResult:
    """The answer, out of 2 to `max_subtasks` subtasks, each by the worker of its kind.

    A worker that fails is a gap with a name. Raises InvalidPlan, AllWorkersFailed, SynthesisFailed.
    """
    count_seats(workers, max_concurrency)  # before anybody is paid
    plan = await make_plan(question, planner, workers, max_subtasks)
    jobs = {str(n): run_subtask(one, workers[one.kind]) for n, one in enumerate(plan.subtasks)}
    parts = list((await fan_out(jobs, max_concurrency)).values())
    if all(part.missing for part in parts):
        raise AllWorkersFailed(parts)
    try:
        text = await answer_of(synthesizer, synthesis_prompt(question, parts))
        return OrchestrationResult(text, parts)
    except FAILURES as error:
        raise SynthesisFailed(reason_for(error), parts) from error
