"""Lesson 02, routing: a cheap agent decides who answers."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from .agent import Agent, ReplyError


@dataclass(frozen=True)
class RouteResult:
    """Who answered a request. `fallback_reason` says why the default
    agent did, and is empty when a specialist answered."""

    category: str
    agent: str
    answer: str
    fallback_reason: str = ""


async def route(
    request: str,
    router: Agent,
    output_type: type[BaseModel],
    specialists: dict[str, Agent],
    default: Agent,
) -> RouteResult:
    """The answer of the specialist for the router's category; of the default where there is none,
    and why.
    """
    try:
        category = (await router.parse(request, output_type)).category
        fallback_reason = "" if category in specialists else f"nobody is there for {category!r}"
    except ReplyError as error:
        category, fallback_reason = "", str(error)
    agent = specialists.get(category, default)
    return RouteResult(category, agent.name, await agent.run(request), fallback_reason)
