"""Lesson 09: what can come of a job, in one type."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Generic, TypeVar

from anthropic import APIError, APITimeoutError, RateLimitError

from .agent import ReplyError, ReplyRefused, ReplyTruncated

T = TypeVar("T")


def classify_error(error: BaseException) -> str:
    """`"rate_limited"`, `"timed_out"`, `"refused"`, `"truncated"` or `"failed"`."""
    kinds = {
        "rate_limited": RateLimitError,
        "timed_out": (APITimeoutError, TimeoutError),
        "refused": ReplyRefused,
        "truncated": ReplyTruncated,
    }
    return next((kind for kind, errors in kinds.items() if isinstance(error, errors)), "failed")


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What came of a job: `kind` is "ok" and `value` what it gave, or `kind` says what went wrong
    and `error` why.
    """

    kind: str
    value: T | None = None
    error: Exception | None = None

    def __str__(self) -> str:
        return (
            "ok"
            if self.error is None
            else f"{self.kind}: {str(self.error) or type(self.error).__name__}"
        )


async def outcome_of(job: Awaitable[T]) -> Outcome[T]:
    """The Outcome of a job.

    What the API, the model or a deadline does is one; a bug in the program is still raised.
    """
    try:
        return Outcome("ok", await job)
    except (ReplyError, APIError, TimeoutError) as error:
        return Outcome(classify_error(error), error=error)
