"""Lesson 08: an agent that uses tools, and the errors that the model gets to read."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import json
import re
import traceback
import warnings
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from anthropic import AnthropicError, APIError, beta_async_tool, beta_tool
from anthropic.lib.tools import ToolError
from anthropic.types import Message, ToolUseBlock
from pydantic import ValidationError

from ..bench.notices import show_note
from ..bench.time.loop import in_kernel
from ..bench.time.run import RunInsideRun
from ..bench.tracing.spans import agent_span, tool_span
from .agent import (
    Agent,
    ReplyError,
    ask_model,
    ensure_complete,
    join_texts,
    tool_calls,
)
from .failures import NoAnswer, await_job, carrying, is_failure

Tool = Callable[..., Any]
AnyTool = Any  # a function, a tool of the SDK (`@beta_tool`), or a tool as a dict (`web_search`)


class MaxStepsExceeded(ReplyError):
    """The agent isn't done after its last step; `.messages` is the whole conversation."""

    problem = "is not done"

    def __init__(self, agent: str, reply: Message, messages: list[Any]) -> None:
        self.messages = messages
        steps = sum(message["role"] == "assistant" for message in messages)
        paused = reply.stop_reason == "pause_turn"
        still = "its turn is still paused" if paused else "it still asks for tools"
        noun = "step" if steps == 1 else "steps"
        super().__init__(agent, reply, f"after {steps} {noun} {still}")
        self.args = (agent, reply, messages)


class AgentsNested(NoAnswer):
    """An agent with tools ended up at work inside itself, again and again."""


class ToolWithoutFunction(NoAnswer):
    """The model asks for a tool that was given as a dict, so nobody here can run it."""


class ToolWarning(UserWarning):
    """A tool broke. The model was told so and went on; this warning is for the tool's author."""


def toolbox(tools: Sequence[AnyTool]) -> dict[str, Any]:
    """Each tool under its name, with a schema made from its signature and its docstring.

    Raises TypeError or ValueError for anything that can't be a tool.
    """
    wrapped = [as_tool(tool) for tool in tools]
    by_name = {tool.name: tool for tool in wrapped}
    if len(by_name) < len(wrapped):
        names = ", ".join(tool.name for tool in wrapped)
        raise ValueError(f"two tools have the same name: {names}")
    return by_name


def as_tool(tool: AnyTool) -> Any:
    """A function as a tool of the SDK, with a schema from its signature and docstring; a tool of
    the SDK as it is; a tool as a dict with the same `name` and `to_dict`.
    """
    if isinstance(tool, Mapping):
        return DictTool(tool)
    if hasattr(tool, "to_dict") and hasattr(tool, "call"):
        return tool
    name: str | None = getattr(tool, "__name__", None)
    if not callable(tool) or isinstance(tool, type) or name is None:
        raise TypeError(f"{tool!r} is no tool: give a function made by `def` or `async def`")
    if not re.fullmatch("[a-zA-Z0-9_-]{1,128}", name):
        raise ValueError(f"{name!r} is no name for a tool: give a function made by `def`")
    wrap: Any = beta_async_tool if inspect.iscoroutinefunction(tool) else beta_tool
    return wrap(tool)


class DictTool:
    """A tool described by a dict: either the API runs it (`web_search`), or nobody here does."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = dict(fields)
        if not isinstance(self.fields.get("name"), str):
            raise ValueError(f"a tool given as a dict needs a name: {self.fields!r}"[:200])
        self.name: str = self.fields["name"]

    def to_dict(self) -> dict[str, Any]:
        """The dict."""
        return self.fields


async def run_tool(call: ToolUseBlock, tools: dict[str, Any]) -> dict[str, Any]:
    """What goes back to the model for one call: what the tool returned, or what was wrong, marked
    as an error.

    A ToolError speaks to the model. Of any other error it gets only the name, because the text may
    hold private data; you get it as a ToolWarning.
    """
    result = {"type": "tool_result", "tool_use_id": call.id}
    with tool_span(call.name, call.input, call.id) as span:
        try:
            if call.name not in tools:
                known = ", ".join(tools) or "none"
                raise ToolError(f"There is no tool {call.name!r}. There are: {known}.")
            return result | {"content": as_text(await call_tool(tools[call.name], call.input))}
        except Exception as error:
            if is_for_author(error):
                raise  # a missing recording, `run` instead of `await`: yours, not the model's
            span.record_exception(error)
            warn_author(call.name, error)
            broken = f"{call.name} is broken: {name_of(error)}. Do without it."
            message = str(error) if isinstance(error, ToolError) else broken
    return result | {"content": message, "is_error": True}


async def call_tool(tool: Any, arguments: Any) -> Any:
    """What the tool returns.

    A tool that isn't `async def` runs in a thread, so that only its own agent waits for it.
    Whatever it raises comes back from there, even StopIteration, which a future can't hold.
    """
    if isinstance(tool, DictTool):
        raise ToolWithoutFunction(f"nobody here can run {tool.name}: it was given as a dict")
    if not isinstance(arguments, dict):
        raise ToolError("Wrong arguments. They have to be an object.")
    try:
        if inspect.iscoroutinefunction(tool.call):
            return await await_job(tool.call(arguments))
        value, error = await asyncio.to_thread(value_or_error, tool.call, arguments)
        if error is not None:
            raise error
        return await await_job(value) if inspect.isawaitable(value) else value
    except ValueError as error:
        cause, function = error.__cause__, getattr(tool, "func", tool.call)
        own_names = (function.__name__, function.__qualname__)
        if not isinstance(cause, ValidationError) or cause.title not in own_names:
            raise
        problems = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in cause.errors()]
        raise ToolError(f"Wrong arguments. {'; '.join(problems)}.") from error


def value_or_error(function: Tool, arguments: Any) -> tuple[Any, BaseException | None]:
    """What a function returns, and None; or None, and what it raised."""
    try:
        return function(arguments), None
    except (StopIteration, StopAsyncIteration, asyncio.CancelledError) as error:
        stopped = NoAnswer(f"it ended in {type(error).__name__}")
        stopped.__cause__ = error
        return None, stopped
    except BaseException as error:
        return None, error


def as_text(value: Any) -> Any:
    """What a tool returned, as the model reads it: a text as it is, content blocks of the API as
    they are, anything else in JSON.
    """
    if isinstance(value, list) and value and all(map(is_content_block, value)):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode(errors="replace").decode()  # half a character, as in some file names


def is_content_block(value: Any) -> bool:
    """True for a dict as `{"type": "text", "text": "…"}`, one of those that a result may hold."""
    kinds = ("text", "image", "document", "search_result", "tool_reference")
    return isinstance(value, dict) and value.get("type") in kinds and len(value) > 1


def is_for_author(error: BaseException) -> bool:
    """True for an error that no model can do anything about: a missing recording or key, `run()`
    inside a tool, an agent that is at work inside itself, a tool without a function.
    """
    if isinstance(error, AgentsNested | ToolWithoutFunction | RunInsideRun):
        return True
    return isinstance(error, AnthropicError) and not isinstance(error, APIError)


def name_of(error: BaseException) -> str:
    """The name of an error, as the model reads it; of a tool that stopped itself, by what."""
    return type(_what_broke(error)).__name__


def _what_broke(error: BaseException) -> BaseException:
    stopped = type(error) is NoAnswer and error.__cause__ is not None
    return error.__cause__ if stopped and error.__cause__ else error


_warned: dict[Any, Any] = {}  # so that Python shows each of these warnings once, as it does others


def warn_author(tool: str, error: BaseException) -> None:
    """Tells the tool's author that it broke: a note in a notebook, a ToolWarning elsewhere.

    Nothing is said of a ToolError, which is meant for the model, or of an API failure, which is
    nobody's bug.
    """
    error = _what_broke(error)
    if isinstance(error, ToolError) or is_failure(error):
        return
    said = f"The tool {tool} broke, and the model was told to do without it: "
    said += f"{type(error).__name__}: {error}"
    if in_kernel():
        show_note(said)
        return
    *_, last = traceback.extract_tb(error.__traceback__) or [None]
    file, line = (last.filename, last.lineno or 1) if last else (__file__, 1)
    warnings.warn_explicit(said, ToolWarning, file, line, registry=_warned)


async def run_tools(message: Message, tools: dict[str, Any]) -> dict[str, Any]:
    """The next message: one result for each tool call of this one, in their order.

    All the tools run at once.
    """
    calls = [block for block in message.content if block.type == "tool_use"]
    results = await all_at_once([run_tool(call, tools) for call in calls])
    return {"role": "user", "content": results}


async def all_at_once(jobs: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """What the jobs return, in their order. If one fails, the others are cancelled, and its error
    is raised as it is.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


MOST_INSIDE_ITSELF = 3
_at_work: contextvars.ContextVar[tuple[str, ...]] = contextvars.ContextVar("at_work", default=())


@contextlib.contextmanager
def not_too_deep(agent: str) -> Iterator[None]:
    """Inside the `with` block the agent is at work. Raises AgentsNested if it already is,
    MOST_INSIDE_ITSELF times, each in a tool of the one before.
    """
    outer = _at_work.get()
    if outer.count(agent) >= MOST_INSIDE_ITSELF:
        times = f"{MOST_INSIDE_ITSELF} times inside itself"
        raise AgentsNested(f"{agent} is at work {times}: {' > '.join([*outer, agent])}")
    token = _at_work.set((*outer, agent))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # closed from another task: it ends anyway
            _at_work.reset(token)


def request_of(
    agent: ToolAgent, tools: Mapping[str, Any], extra: Mapping[str, Any]
) -> dict[str, Any]:
    """What is the same in each request of a conversation: the agent's settings and its tools.

    Raises ValueError for max_steps below 1.
    """
    if agent.max_steps < 1:
        raise ValueError(f"max_steps={agent.max_steps}: without a step there is no reply")
    request = {"model": agent.model, "system": agent.system, "max_tokens": agent.max_tokens}
    if tools:
        request["tools"] = [tool.to_dict() for tool in tools.values()]
    return {**request, **extra}


def last_turn(said: Sequence[Message], agent: str) -> Message:
    """The last turn of the model, with all the texts of the earlier steps in front.

    Raises what `ensure_complete` raises if that turn, with the pieces in which it paused, isn't a
    whole answer.
    """
    first = len(said) - 1
    while first and said[first - 1].stop_reason == "pause_turn":
        first -= 1
    turn = ensure_complete(join_texts(said[first:]), agent)
    return join_texts([*said[:first], turn])


@dataclass(frozen=True)
class ToolAgent(Agent):
    """An agent that works in steps: it asks for tools, reads what they return, and goes on."""

    tools: Sequence[AnyTool] = field(default=(), kw_only=True)
    max_steps: int = field(default=8, kw_only=True)

    async def reply(self, prompt: str, tools: Sequence[AnyTool] = (), **extra: Any) -> Message:
        """The last message, with the earlier steps' texts. `tools`: more, just for this call.

        Raises MaxStepsExceeded. Every error carries the conversation so far as `.messages`.
        """
        kit, said = toolbox([*self.tools, *tools]), list[Message]()
        request = request_of(self, kit, extra)
        messages = list[Any]([{"role": "user", "content": prompt}])
        with agent_span(self.name), not_too_deep(self.name), carrying(messages=messages):
            for step in range(1, self.max_steps + 1):
                said.append(await ask_model(self.client, self.name, messages, request))
                asks, pauses = tool_calls(said[-1]), said[-1].stop_reason == "pause_turn"
                if not asks and not pauses:
                    return last_turn(said, self.name)
                if asks and step < self.max_steps:
                    messages.append(await run_tools(said[-1], kit))
            raise MaxStepsExceeded(self.name, said[-1], messages)
