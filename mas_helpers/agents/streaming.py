"""Lesson 20: a reply that is shown while it is written, and what is known when it breaks off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
from anthropic import APIError, transform_schema
from anthropic.types import Message
from pydantic_core import from_json

from ..bench.tracing.spans import agent_span
from .agent import Agent, ensure_complete, parse_reply
from .failures import NoAnswer, PaidWork, note_paid, reason_for
from .planner import InvalidPlan, Plan, plan_problems


class StreamBroken(NoAnswer):
    """A stream ended before its end. `.text` is what came: half of an answer, and no answer."""

    def __init__(self, agent: str, text: str, reason: str) -> None:
        self.agent, self.text, self.reason = agent, text, reason
        super().__init__(agent, text, reason)

    def __str__(self) -> str:
        return f"{self.agent} broke off after {len(self.text)} characters: {self.reason}"


async def stream_reply(
    agent: Agent, prompt: str, show: Callable[[str], None], **extra: Any
) -> Message:
    """The whole message; `show` gets the text so far, with each piece that comes.

    From the first piece on nothing is retried: what was shown can't be taken back. Raises
    StreamBroken, and a ReplyError for a whole reply that is cut, refused or empty.
    """
    request: dict[str, Any] = {
        "model": agent.model,
        "system": agent.system,
        "max_tokens": agent.max_tokens,
        "messages": [{"role": "user", "content": prompt}],
        **extra,
    }
    text = ""
    with agent_span(agent.name):
        try:
            async with agent.client.messages.stream(**request) as stream:
                async for piece in stream.text_stream:
                    text += piece
                    show(text)
                message = await stream.get_final_message()
        except (APIError, httpx2.RequestError) as error:
            if not text:
                raise
            raise StreamBroken(agent.name, text, reason_for(error)) from error
        note_paid(PaidWork(agent.name, prompt, text, message))
        return ensure_complete(message, agent.name)


async def stream_plan(
    question: str, planner: Agent, kinds: list[str], show: Callable[[list[str]], None]
) -> Plan:
    """A plan in which `plan_problems` finds nothing; `show` gets the tasks that can be read so far.

    The planner is asked once: there is a person who sees what is wrong. Raises InvalidPlan,
    StreamBroken.
    """
    output = {"format": {"type": "json_schema", "schema": transform_schema(Plan)}}
    message = await stream_reply(
        planner, question, lambda text: show(tasks_so_far(text)), output_config=output
    )
    plan = parse_reply(message, Plan, planner.name)
    if problems := plan_problems(plan, kinds):
        raise InvalidPlan(problems, plan)
    return plan


def tasks_so_far(text: str) -> list[str]:
    """The tasks that are whole in the beginning of a plan's JSON: `["How many came at six?"]`."""
    try:
        plan = from_json(text, allow_partial=True)
    except ValueError:
        return []
    subtasks = plan.get("subtasks") if isinstance(plan, dict) else None
    if not isinstance(subtasks, list):
        return []
    tasks = [one.get("task") for one in subtasks if isinstance(one, dict)]
    return [task for task in tasks if isinstance(task, str) and task]
