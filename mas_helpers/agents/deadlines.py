"""Lesson 13: one more try for what deserves it, and a deadline for the whole."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from anthropic import APIConnectionError, InternalServerError
from pydantic import BaseModel

from .agent import AgentLike, ReplyEmpty, ReplyMalformed

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)


# What may be otherwise at once. A refused, cut or forbidden request is the same again; a rate limit
# wants time.
PASSING = (TimeoutError, APIConnectionError, InternalServerError, ReplyEmpty, ReplyMalformed)


async def try_twice(work: Callable[[], Awaitable[T]], seconds: float, more: float) -> T:
    """What the work gives within so many seconds; if its failure may pass, a retry with `more`."""
    try:
        async with asyncio.timeout(seconds):
            return await work()
    except PASSING:
        async with asyncio.timeout(more):
            return await work()


@dataclass(frozen=True)
class RetryOnce:
    """An agent with a time limit and, where its failure may pass, a retry with `more` seconds."""

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


class DeadlinePassed(Exception):
    """The whole took longer than it may; what was still under way was cancelled."""


async def with_deadline(job: Awaitable[T], seconds: float) -> T:
    """What the job gives, within so many seconds. Raises DeadlinePassed."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await job
    except TimeoutError:
        if not limit.expired():
            raise
        raise DeadlinePassed(f"not done within {seconds:g} s") from None
