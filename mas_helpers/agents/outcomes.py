"""Lesson 13: what can come of a job, in one type."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import httpx2
from anthropic import APITimeoutError, RateLimitError

from .agent import ReplyRefused, ReplyTruncated
from .deadlines import DeadlinePassed
from .failures import FAILURES, await_job

T = TypeVar("T")


OutcomeKind = Literal["ok", "rate_limited", "timed_out", "refused", "truncated", "failed"]


TIMED_OUT = (APITimeoutError, TimeoutError, DeadlinePassed, httpx2.TimeoutException)


def classify_error(error: BaseException) -> OutcomeKind:
    """`"rate_limited"`, `"timed_out"`, `"refused"`, `"truncated"`, or `"failed"` for the rest."""
    if isinstance(error, RateLimitError):
        return "rate_limited"
    if isinstance(error, TIMED_OUT):
        return "timed_out"
    if isinstance(error, ReplyRefused):
        return "refused"
    if isinstance(error, ReplyTruncated):
        return "truncated"
    return "failed"


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What came of a job: `kind` is "ok" and `value` its result; otherwise `error` is what went
    wrong.
    """

    kind: OutcomeKind
    value: T | None = None
    error: Exception | None = None

    def __str__(self) -> str:
        if self.error is None:
            return "ok"
        return f"{self.kind}: {str(self.error) or type(self.error).__name__}"


async def outcome_of(job: Awaitable[T]) -> Outcome[T]:
    """The Outcome of a job: what the API, the model or a deadline does to it is one.

    A bug in the program is still raised.
    """
    try:
        return Outcome("ok", await await_job(job))
    except FAILURES as error:
        return Outcome(classify_error(error), error=error)
