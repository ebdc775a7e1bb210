"""Lesson 04, prompt chaining: agents in a row, which stop when a stage fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .agent import AgentLike
from .failures import FAILURES, NoAnswer, answer_of, carries_paid, reason_for

Gate = Callable[[str, str], str | None]


def stage_prompt(task: str, completed: dict[str, str]) -> str:
    """What a stage reads: the task, then what each earlier stage wrote, under its name."""
    return "\n\n".join([task, *(f"From {name}:\n{text}" for name, text in completed.items())])


class PipelineStopped(NoAnswer):
    """A stage gave nothing to go on with.

    `.stage` is its name, `.completed` what the stages before it wrote.
    """

    def __init__(self, stage: str, reason: str, completed: dict[str, str]) -> None:
        self.stage, self.reason, self.completed = stage, reason, dict(completed)
        super().__init__(stage, reason, completed)

    def __str__(self) -> str:
        return f"stopped at {self.stage}: {self.reason}"


@carries_paid
async def run_pipeline(
    task: str, stages: Sequence[AgentLike], gate: Gate | None = None
) -> dict[str, str]:
    """Each stage's text under its name.

    `gate(stage, text)` gives the reason to stop after a stage, or None. Raises PipelineStopped,
    and ValueError where two stages have the same name."""
    if len({stage.name for stage in stages}) < len(stages):
        raise ValueError("two stages have the same name; their texts are kept by name")
    completed: dict[str, str] = {}
    for stage in stages:
        try:
            text = await answer_of(stage, stage_prompt(task, completed))
        except FAILURES as error:
            raise PipelineStopped(stage.name, reason_for(error), completed) from error
        if gate and (reason := gate(stage.name, text)):
            raise PipelineStopped(stage.name, reason, completed)
        completed[stage.name] = text
    return completed
