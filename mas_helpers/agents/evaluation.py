"""Lesson 22: how many answers are right, and whether a difference is more than chance.

scipy and statsmodels have more intervals and tests; inspect-ai is a whole harness.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import comb, sqrt
from statistics import fmean
from typing import Generic, TypeVar

from ..bench.tracing.call import Call
from ..bench.tracing.spans import trace
from .failures import FAILURES, await_job

Q = TypeVar("Q")


@dataclass(frozen=True)
class Answer(Generic[Q]):
    """What a system said to a question: "" where it gave no answer, and what it took."""

    question: Q
    text: str
    calls: tuple[Call, ...]
    seconds: float

    @property
    def tokens(self) -> int:
        """All tokens of its calls, read and written, cached ones too."""
        return sum(call.input_tokens + call.output_tokens for call in self.calls)


async def answer_all(
    system: Callable[[Q], Awaitable[str]], questions: Iterable[Q]
) -> list[Answer[Q]]:
    """An Answer to each question, asked one after the other. A cut or refused reply, or one of any
    other kind in FAILURES, is no answer, and paid for; a bug is raised.
    """
    answers = []
    for question in questions:
        with trace() as t:
            try:
                text = await await_job(system(question))
            except FAILURES:
                text = ""
        answers.append(Answer(question, text, tuple(t.calls), t.seconds))
    return answers


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share, by Wilson: `(0.03, 0.3)` for 2 of 20."""
    share, z = right / of, 1.96
    middle = share + z * z / (2 * of)
    spread = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    low, high = ((middle + side) / (1 + z * z / of) for side in (-spread, spread))
    return round(max(low, 0.0), 2), round(min(high, 1.0), 2)


def paired_bootstrap(
    one: Sequence[float], other: Sequence[float], draws: int = 2000
) -> tuple[float, float]:
    """The 95 % interval of what `other` has more than `one`, on average, question by question."""
    gains = [theirs - ours for ours, theirs in zip(one, other, strict=True)]
    chance = random.Random(0)
    means = sorted(fmean(chance.choices(gains, k=len(gains))) for _ in range(draws))
    return round(means[round(0.025 * draws)], 3), round(means[round(0.975 * draws) - 1], 3)


def kappa(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    """Cohen's kappa of two who judged the same: 1.0 for the same throughout, 0.0 for no more than
    chance, nan where neither ever varied.
    """
    agreement = fmean(mine == theirs for mine, theirs in zip(one, other, strict=True))
    ours, theirs = Counter(one), Counter(other)
    by_chance = sum(ours[verdict] * theirs[verdict] for verdict in ours) / len(one) ** 2
    return round((agreement - by_chance) / (1 - by_chance), 2) if by_chance < 1 else math.nan


def is_drop(before: Sequence[bool], now: Sequence[bool], alarm: float = 0.01) -> bool:
    """True where more questions were lost than won, by more than chance: without any change, that
    happens in no more than that share of the weeks.
    """
    lost = sum(was and not is_ for was, is_ in zip(before, now, strict=True))
    won = sum(is_ and not was for was, is_ in zip(before, now, strict=True))
    changed = lost + won
    as_many_lost = sum(comb(changed, k) for k in range(lost, changed + 1))
    return bool(as_many_lost / 2**changed < alarm)
