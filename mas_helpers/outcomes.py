"""What the patterns give back, and what they raise: each carries what was done and paid for."""

from __future__ import annotations

from dataclasses import dataclass

from .plans import Subtask


@dataclass(frozen=True)
class Routed:
    """Who answered a request. `why` says why it was the default, and is empty when a specialist answered."""

    category: str
    agent: str
    answer: str
    why: str = ""


class LineStopped(Exception):
    """A stage gave nothing to go on with. `.stage` is its name, `.done` what the stages before it wrote."""

    def __init__(self, stage: str, reason: str, done: dict[str, str]) -> None:
        self.stage, self.reason, self.done = stage, reason, dict(done)
        super().__init__(stage, reason, done)

    def __str__(self) -> str:
        return f"stopped at {self.stage}: {self.reason}"


@dataclass(frozen=True)
class Part:
    """A subtask and what came of it: the answer, or the reason why it is missing."""

    subtask: Subtask
    answer: str
    missing: str = ""


@dataclass(frozen=True)
class Orchestrated:
    """The answer to a question, and the parts that it was made of."""

    text: str
    parts: list[Part]

    @property
    def missing(self) -> list[str]:
        """The tasks that nobody could do: `["How many came in May?"]`, mostly `[]`."""
        return [part.subtask.task for part in self.parts if part.missing]


class NothingDone(Exception):
    """Every worker failed, so there is nothing to put together. `.parts` says what each failed of."""

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts
        super().__init__(parts)

    def __str__(self) -> str:
        return "no worker gave an answer: " + "; ".join(f"{part.subtask.kind}: {part.missing}" for part in self.parts)


def put_together(question: str, parts: list[Part]) -> str:
    """What the synthesizer reads: the question, every result under its task, the reason for each missing one."""
    texts = [f"Task: {part.subtask.task}\n{part.answer or f'Missing: {part.missing}'}" for part in parts]
    return "\n\n".join([f"Question: {question}", *texts])


class NotPutTogether(Exception):
    """The synthesizer failed. `.parts` are paid for, and are here: `put_together(question, error.parts)`."""

    def __init__(self, reason: str, parts: list[Part]) -> None:
        self.reason, self.parts = reason, parts
        super().__init__(reason, parts)

    def __str__(self) -> str:
        return f"the parts were not put together: {self.reason}"
