"""Lesson 08: an agent that uses tools, and the errors that the model gets to read."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from anthropic import AnthropicError, APIError, beta_async_tool, beta_tool
from anthropic.lib.tools import ToolError
from anthropic.types import Message, ToolUseBlock
from pydantic import ValidationError

from ..bench.tracing.spans import agent_span, tool_span
from .agent import Agent, ReplyError, ensure_complete

Tool = Callable[..., Any]


class MaxStepsExceeded(ReplyError):
    """After its last step the agent still asks for tools; `.messages` is all that was said."""

    problem = "is not done"

    def __init__(self, agent: str, reply: Message, messages: list[Any]) -> None:
        self.messages = messages
        steps = sum(message["role"] == "assistant" for message in messages)
        super().__init__(agent, reply, f"after {steps} steps it still asks for tools")
        self.args = (agent, reply, messages)


def toolbox(tools: Sequence[Tool]) -> dict[str, Any]:
    """Each tool under its name, with a schema made from its signature and its docstring."""
    wrapped = [
        (beta_async_tool if inspect.iscoroutinefunction(tool) else beta_tool)(tool)
        for tool in tools
    ]
    by_name = {tool.name: tool for tool in wrapped}
    if len(by_name) < len(wrapped):
        names = ", ".join(tool.name for tool in wrapped)
        raise ValueError(f"two tools have the same name: {names}")
    return by_name


async def run_tool(call: ToolUseBlock, tools: dict[str, Any]) -> dict[str, Any]:
    """What goes back to the model for one call: what the tool returned, or what was wrong, marked
    as an error.

    A ToolError speaks to the model. Of any other error it learns the name only, for the text may
    hold what is yours.
    """
    result = {"type": "tool_result", "tool_use_id": call.id}
    with tool_span(call.name, call.input, call.id) as span:
        try:
            if call.name not in tools:
                raise ToolError(f"There is no tool {call.name!r}. There are: {', '.join(tools)}.")
            return result | {"content": as_text(await call_tool(tools[call.name], call.input))}
        except Exception as error:
            if isinstance(error, AnthropicError) and not isinstance(error, APIError):
                raise  # a missing recording or key is yours to fix, not the model's
            span.record_exception(error)
            broken = f"{call.name} is broken: {type(error).__name__}. Do without it."
            message = str(error) if isinstance(error, ToolError) else broken
    return result | {"content": message, "is_error": True}


async def call_tool(tool: Any, arguments: Any) -> Any:
    """What the tool returns.

    One that is no `async def` runs in a thread, so that nobody waits for it but its agent.
    """
    try:
        if inspect.iscoroutinefunction(tool.func):
            return await tool.call(arguments)
        return await asyncio.to_thread(tool.call, arguments)
    except ValueError as error:
        cause, own_names = error.__cause__, (tool.func.__name__, tool.func.__qualname__)
        if not isinstance(cause, ValidationError) or cause.title not in own_names:
            raise
        problems = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in cause.errors()]
        raise ToolError(f"Wrong arguments. {'; '.join(problems)}.") from error


def as_text(value: Any) -> str:
    """What a tool returned, as the model reads it: a text as it is, anything else in JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def run_tools(message: Message, tools: dict[str, Any]) -> dict[str, Any]:
    """The next message: one result for each tool call of this one, in their order.

    All the tools run at once.
    """
    calls = [block for block in message.content if block.type == "tool_use"]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(run_tool(call, tools)) for call in calls]
    return {"role": "user", "content": [task.result() for task in tasks]}


@dataclass(frozen=True)
class ToolAgent(Agent):
    """An agent that works in steps: it asks for tools, reads what they return, and goes on."""

    tools: Sequence[Tool] = field(default=(), kw_only=True)
    max_steps: int = field(default=8, kw_only=True)

    async def reply(self, prompt: str, **extra: Any) -> Message:
        """The last message. Raises MaxStepsExceeded, and ValueError for max_steps below 1."""
        if self.max_steps < 1:
            raise ValueError(f"max_steps={self.max_steps}: without a step there is no reply")
        tools, messages = toolbox(self.tools), list[Any]([{"role": "user", "content": prompt}])
        extra = {"model": self.model, "system": self.system, "max_tokens": self.max_tokens, **extra}
        extra["tools"] = [tool.to_dict() for tool in tools.values()]
        with agent_span(self.name):
            for step in range(1, self.max_steps + 1):
                message: Message = await self.client.messages.create(messages=messages, **extra)
                messages.append(message.to_param())
                if message.stop_reason == "pause_turn":
                    continue
                if ensure_complete(message, self.name).stop_reason != "tool_use":
                    return message
                if step < self.max_steps:
                    messages.append(await run_tools(message, tools))
            raise MaxStepsExceeded(self.name, message, messages)  # pyright: ignore[reportPossiblyUnboundVariable]
