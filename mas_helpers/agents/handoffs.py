"""Lesson 21: a handoff, a tool whose result is another agent's answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from .agent import AgentLike


def handoff(agent: AgentLike, when: str, verbatim: str = "") -> Callable[[str], Awaitable[str]]:
    """A tool `ask_NAME` whose result is the agent's answer; `when` says when to use it.

    The agent reads the task that the other one writes, and `verbatim` below it: the words that no
    summary may lose.
    """

    async def ask(task: str) -> str:
        own_words = f"\n\nThe customer's own words:\n{verbatim}" if verbatim else ""
        return await agent.run(task + own_words)

    ask.__name__ = f"ask_{agent.name}"
    ask.__doc__ = f"{when}\n\nArgs:\n    task: all that {agent.name} has to know"
    return ask
