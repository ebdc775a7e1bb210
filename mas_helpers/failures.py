"""What can come of a job, in one type; a second try for what deserves one; a deadline that says so when it passes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from anthropic import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    InternalServerError,
    RateLimitError,
)

from .agent import Agent, ReplyEmpty, ReplyError, ReplyMalformed, ReplyRefused, ReplyTruncated

T = TypeVar("T")


def kind_of(error: BaseException) -> str:
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
    """What came of a job: `kind` is "ok" and `value` what it gave, or `kind` says what went wrong and `error` why."""

    kind: str
    value: T | None = None
    error: Exception | None = None

    def __str__(self) -> str:
        return "ok" if self.error is None else f"{self.kind}: {str(self.error) or type(self.error).__name__}"


async def outcome_of(job: Awaitable[T]) -> Outcome[T]:
    """The Outcome of a job. What the API, the model or a deadline does is one; a bug in the program is still raised."""
    try:
        return Outcome("ok", await job)
    except (ReplyError, APIError, TimeoutError) as error:
        return Outcome(kind_of(error), error=error)


# What may be otherwise at once. A refused, cut or forbidden request is the same again; a rate limit wants time.
PASSING = (TimeoutError, APIConnectionError, InternalServerError, ReplyEmpty, ReplyMalformed)


@dataclass(frozen=True)
class SecondTry:
    """An agent that gets so many seconds and, where its failure may pass, a second try with `more` of them."""

    agent: Agent
    seconds: float
    more: float

    @property
    def name(self) -> str:
        return self.agent.name

    async def run(self, prompt: str) -> str:
        """The text of the answer. Raises what the second try raises, TimeoutError among it."""
        return await self._twice(lambda: self.agent.run(prompt))

    async def parse(self, prompt: str, kind: type[Any]) -> Any:
        """The answer as an object of that type, as Agent.parse."""
        return await self._twice(lambda: self.agent.parse(prompt, kind))

    async def _twice(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(self.seconds):
                return await work()
        except PASSING:
            async with asyncio.timeout(self.more):
                return await work()


class DeadlinePassed(Exception):
    """The whole took longer than it may; what was still under way was cancelled."""


async def before_deadline(job: Awaitable[T], seconds: float) -> T:
    """What the job gives, within so many seconds. Raises DeadlinePassed."""
    try:
        async with asyncio.timeout(seconds) as limit:
            return await job
    except TimeoutError:
        if not limit.expired():
            raise
        raise DeadlinePassed(f"not done within {seconds:g} s") from None
