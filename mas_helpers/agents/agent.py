"""One agent: a name, a model, a system prompt. Text in, text out, or a typed object out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from anthropic import AsyncAnthropic, transform_schema
from anthropic.types import Message, TextBlock, ToolUseBlock, Usage
from pydantic import BaseModel, ValidationError

from ..bench.tracing.spans import agent_span
from .failures import NoAnswer, PaidWork, is_blank, note_paid

T = TypeVar("T", bound=BaseModel)

# The models of the course, cheapest first; ids and roles as of 2026-11-20.
HAIKU = "claude-haiku-5-5"  # routing, narrow tasks
SONNET = "claude-sonnet-5-5"  # workers
OPUS = "claude-opus-5-5"  # planning, synthesis


class ReplyError(NoAnswer):
    """The API answered, but not with a whole answer.

    `.reply` is the message, with its stop_reason and usage.
    """

    problem = "gave no usable answer"

    def __init__(self, agent: str, reply: Message, detail: str = "") -> None:
        self.agent = agent
        self.reply = reply
        self.detail = detail
        super().__init__(agent, reply, detail)

    def __str__(self) -> str:
        sentence = f"{self.agent or 'the model'} {self.problem}"
        return f"{sentence}: {self.detail}" if self.detail else sentence


class ReplyTruncated(ReplyError):
    problem = "was cut off"


class ReplyRefused(ReplyError):
    problem = "refused"


class ReplyEmpty(ReplyError):
    problem = "sent no text"


class ReplyMalformed(ReplyError):
    problem = "returned something that does not match the requested type"


class ReplyUnfinished(ReplyError):
    """The model is waiting: it asks for a tool, and nobody here runs one."""

    problem = "is not done"


class ReplyUnreadable(ReplyError):
    """What came isn't a message: a page of HTML, half a JSON text, fields without values.

    `.reply` is what came, as far as it could be read.
    """

    problem = "sent no message"


def text_of(message: Message) -> str:
    """The text of a message: every text block, joined; thinking and tool blocks are left out."""
    return "".join(block.text for block in message.content if block.type == "text")


def ensure_complete(message: Message, agent: str = "") -> Message:
    """The message, if it is a whole answer. Raises a kind of ReplyError, which carries it."""
    ensure_nobody_waits(ensure_readable(message, agent), agent)
    if message.stop_reason == "refusal":
        raise ReplyRefused(agent, message)
    if message.stop_reason not in ("end_turn", "stop_sequence", "tool_use"):
        detail = f"{message.stop_reason} after {message.usage.output_tokens} tokens"
        raise ReplyTruncated(agent, message, detail)
    if is_blank(text_of(message)):
        raise ReplyEmpty(agent, message, f"stop_reason is {message.stop_reason}")
    return message


def ensure_readable(message: Any, agent: str = "") -> Message:
    """The message, if it is one: it has content and usage, each block has a type, and each text is
    a text. Raises ReplyUnreadable.
    """
    if not isinstance(message, Message):
        raise ReplyUnreadable(agent, message, f"but {str(message)[:60]!r}")
    if not isinstance(message.content, list):
        raise ReplyUnreadable(agent, message, "it has no content")
    for block in message.content:
        if not isinstance(getattr(block, "type", None), str):
            raise ReplyUnreadable(agent, message, "a block of it has no type")
        if block.type == "text" and not isinstance(block.text, str):
            raise ReplyUnreadable(agent, message, "a text of it is no text")
        if block.type == "tool_use" and not isinstance(block.name, str):
            raise ReplyUnreadable(agent, message, "a tool call of it has no name")
    if not isinstance(message.usage, Usage) or not isinstance(message.usage.output_tokens, int):
        raise ReplyUnreadable(agent, message, "it does not say what it used")
    return message


def ensure_nobody_waits(message: Message, agent: str = "") -> None:
    """Raises ReplyUnfinished where the message asks for a tool."""
    if message.stop_reason == "tool_use" or tool_calls(message):
        raise ReplyUnfinished(agent, message, "it asks for a tool, and there is none to run")


def tool_calls(message: Message) -> list[ToolUseBlock]:
    """The tools that a message asks for, in order, whatever its stop_reason says; none if it was
    cut or refused, because then a call may be incomplete.
    """
    if message.stop_reason not in ("tool_use", "end_turn", "stop_sequence"):
        return []
    return [block for block in message.content if block.type == "tool_use"]


def parse_reply(message: Message, output_type: type[T], agent: str = "") -> T:
    """The message's JSON as an object of that type. Raises ReplyMalformed, which carries it."""
    try:
        return output_type.model_validate_json(json_of(message))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the JSON"
        raise ReplyMalformed(agent, message, f"{where}: {first['msg']}") from None


def json_of(message: Message) -> str:
    """The text of a message that was asked for JSON: all of it, or its last block if words come
    before it.
    """
    text = text_of(message)
    blocks = [block.text for block in message.content if block.type == "text"]
    return text if is_json(text) or not blocks or not is_json(blocks[-1]) else blocks[-1]


def is_json(text: str) -> bool:
    """True for a complete JSON text."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


async def ask_model(
    client: AsyncAnthropic, agent: str, messages: list[Any], request: dict[str, Any]
) -> Message:
    """The next message of a conversation, to which it is added; noted as paid.

    Raises ReplyUnreadable for anything that isn't a message, and whatever the SDK raises.
    """
    try:
        message: Message = await client.messages.create(messages=messages, **request)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        came = error.doc if isinstance(error, json.JSONDecodeError) else error.object
        raise ReplyUnreadable(agent, None, f"but {came[:60]!r}") from error  # type: ignore[arg-type]
    ensure_readable(message, agent)
    prompt = messages[0]["content"]
    messages.append(message.to_param())
    note_paid(PaidWork(agent, prompt, text_of(message), message, tuple(messages)))
    return message


async def ask_turn(
    client: AsyncAnthropic, agent: str, prompt: str, request: dict[str, Any]
) -> Message:
    """One whole turn: a message, and if the API's own tools make it pause, what follows as well.

    Its text is that of all the pieces. After MOST_PIECES it is returned as it is, paused.
    """
    messages = list[Any]([{"role": "user", "content": prompt}])
    pieces = [await ask_model(client, agent, messages, request)]
    while pieces[-1].stop_reason == "pause_turn" and len(pieces) < MOST_PIECES:
        pieces.append(await ask_model(client, agent, messages, request))
    return join_texts(pieces)


MOST_PIECES = 8  # of one turn that pauses


def join_texts(messages: Sequence[Message]) -> Message:
    """The last message, with the texts of the earlier ones in front, so none is lost."""
    *earlier, last = messages
    texts = [
        TextBlock(type="text", text=text if message.stop_reason == "pause_turn" else f"{text}\n\n")
        for message in earlier
        if not is_blank(text := text_of(message))
    ]
    return last.model_copy(update={"content": [*texts, *last.content]}) if texts else last


class AgentLike(Protocol):
    """What the patterns need from an agent: an Agent has it, and so does a RetryOnce around one."""

    @property
    def name(self) -> str: ...
    async def run(self, prompt: str) -> str: ...
    async def parse(self, prompt: str, output_type: type[T]) -> T: ...


@dataclass(frozen=True)
class Agent:
    """One job: a model and a system prompt. `await agent.run("…")` gives the text of the answer."""

    name: str
    model: str
    system: str
    client: AsyncAnthropic = field(repr=False, kw_only=True)
    max_tokens: int = field(default=4000, kw_only=True)

    async def reply(self, prompt: str, **extra: Any) -> Message:
        """The whole message. A cut, refused or empty one is a ReplyError, never a value."""
        extra = {"model": self.model, "system": self.system, "max_tokens": self.max_tokens, **extra}
        with agent_span(self.name):
            return ensure_complete(await ask_turn(self.client, self.name, prompt, extra), self.name)

    async def run(self, prompt: str) -> str:
        """The text of the answer."""
        return text_of(await self.reply(prompt))

    async def parse(self, prompt: str, output_type: type[T]) -> T:
        """The answer as an object of that type, a pydantic model."""
        output = {"format": {"type": "json_schema", "schema": transform_schema(output_type)}}
        return parse_reply(await self.reply(prompt, output_config=output), output_type, self.name)
