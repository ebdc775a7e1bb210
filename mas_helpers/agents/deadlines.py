"""Lesson 13: one more try for what deserves it, and a deadline for the whole."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import httpx2
from anthropic import APIConnectionError, APIStatusError, InternalServerError
from pydantic import BaseModel

from .agent import AgentLike, ReplyEmpty, ReplyMalformed, ReplyUnreadable
from .failures import FAILURES, NoAnswer, await_job, carries_paid, is_failure

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)


# What may be otherwise at once. A refused, cut or forbidden request is the same again; a rate limit
# wants time.
LOST = (TimeoutError, APIConnectionError, InternalServerError, httpx2.RequestError)
PASSING = (*LOST, ReplyEmpty, ReplyMalformed, ReplyUnreadable)


def may_pass(error: BaseException) -> bool:
    """True for a failure that may soon be over: one of PASSING, an error event within a stream, or
    a group of these.
    """
    if isinstance(error.__cause__, BaseExceptionGroup):
        return all(map(may_pass, error.__cause__.exceptions))
    within_a_stream = isinstance(error, APIStatusError) and error.status_code == 200
    return within_a_stream or isinstance(error, PASSING)


async def try_twice(work: Callable[[], Awaitable[T]], seconds: float, more: float) -> T:
    """What the work gives within so many seconds; if its failure may pass, a retry with `more`."""
    try:
        async with asyncio.timeout(seconds):
            return await await_job(work())
    except FAILURES as error:
        if not may_pass(error):
            raise
    async with asyncio.timeout(more):
        return await await_job(work())


@dataclass(frozen=True)
class RetryOnce:
    """An agent with a time limit and, if its failure may pass, one retry with `more` seconds."""

    agent: AgentLike
    seconds: float
    more: float

    @property
    def name(self) -> str:
        return self.agent.name

    async def run(self, prompt: str) -> str:
        """The text of the answer. Raises what the retry raises, TimeoutError included."""
        return await try_twice(lambda: self.agent.run(prompt), self.seconds, self.more)

    async def parse(self, prompt: str, output_type: type[Model]) -> Model:
        """The answer as an object of that type, as Agent.parse."""
        work = functools.partial(self.agent.parse, prompt, output_type)
        return await try_twice(work, self.seconds, self.more)


class DeadlinePassed(NoAnswer):
    """The whole took longer than it may; whatever was still under way was cancelled.

    The work done by then is in `.paid`.
    """


@carries_paid
async def with_deadline(job: Awaitable[T], seconds: float) -> T:
    """What the job gives, within so many seconds. Raises DeadlinePassed."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await job
    except Exception as error:
        if not limit.expired() or not is_failure(error):
            raise
        raise DeadlinePassed(f"not done within {seconds:g} s") from None
