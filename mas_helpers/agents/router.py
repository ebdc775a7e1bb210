"""Lesson 02, routing: a cheap agent decides who answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .agent import AgentLike
from .failures import NoAnswer, answer_of, carries_paid, reason_for


@dataclass(frozen=True)
class RouteResult:
    """Who answered a request.

    `fallback_reason` says why the default agent did, and is empty when a specialist answered."""

    category: str
    agent: str
    answer: str
    fallback_reason: str = ""


@carries_paid
async def route(
    request: str,
    router: AgentLike,
    output_type: type[Any],
    specialists: Mapping[str, AgentLike],
    default: AgentLike,
) -> RouteResult:
    """The answer of the specialist for the router's category, or of the default, and why.

    `output_type` is a pydantic model with a field `category`."""
    try:
        category = (await answer_of(router, request, output_type)).category
        fallback_reason = "" if category in specialists else f"no specialist for {category!r}"
    except NoAnswer as error:
        category, fallback_reason = "", reason_for(error)
    agent = specialists.get(category, default)
    return RouteResult(category, agent.name, await answer_of(agent, request), fallback_reason)
