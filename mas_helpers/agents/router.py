"""Lesson 02, routing: a cheap agent decides who answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .agent import AgentLike, ReplyError


@dataclass(frozen=True)
class RouteResult:
    """Who answered a request.

    `fallback_reason` says why the default agent did, and is empty when a specialist answered.
    """

    category: str
    agent: str
    answer: str
    fallback_reason: str = ""


async def route(
    request: str,
    router: AgentLike,
    output_type: type[Any],
    specialists: Mapping[str, AgentLike],
    default: AgentLike,
) -> RouteResult:
    """The answer of the specialist for the router's category, or of the default, and why.

    `output_type` is a pydantic model with a field `category`.
    """
    try:
        category = (await router.parse(request, output_type)).category
        fallback_reason = "" if category in specialists else f"no specialist for {category!r}"
    except ReplyError as error:
        category, fallback_reason = "", str(error)
    agent = specialists.get(category, default)
    return RouteResult(category, agent.name, await agent.run(request), fallback_reason)
