"""One agent: a name, a model, a system prompt. Text in, text out, or a typed object out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from anthropic import AsyncAnthropic, transform_schema
from anthropic.types import Message
from pydantic import BaseModel, ValidationError

from ..bench.tracing.spans import agent_span

T = TypeVar("T", bound=BaseModel)

# The models of the course, cheapest first; ids and roles as of 2026-11-20.
HAIKU = "claude-haiku-5-5"  # routing, narrow tasks
SONNET = "claude-sonnet-5-5"  # workers
OPUS = "claude-opus-5-5"  # planning, synthesis


class ReplyError(Exception):
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


def text_of(message: Message) -> str:
    """The text of a message: every text block, joined; thinking and tool blocks are left out."""
    return "".join(block.text for block in message.content if block.type == "text")


def ensure_complete(message: Message, agent: str = "") -> Message:
    """The message, if it is a whole answer.

    Raises ReplyTruncated, ReplyRefused or ReplyEmpty, which carry the message.
    """
    if message.stop_reason == "refusal":
        raise ReplyRefused(agent, message)
    if message.stop_reason not in ("end_turn", "stop_sequence", "tool_use"):
        detail = f"{message.stop_reason} after {message.usage.output_tokens} tokens"
        raise ReplyTruncated(agent, message, detail)
    if not message.content or (message.stop_reason != "tool_use" and not text_of(message).strip()):
        raise ReplyEmpty(agent, message, f"stop_reason is {message.stop_reason}")
    return message


def parse_reply(message: Message, output_type: type[T], agent: str = "") -> T:
    """The message's JSON as an object of that type. Raises ReplyMalformed, which carries it."""
    try:
        return output_type.model_validate_json(text_of(message))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the JSON"
        raise ReplyMalformed(agent, message, f"{where}: {first['msg']}") from None


class AgentLike(Protocol):
    """What the patterns ask of an agent: an Agent is one, and so is a RetryOnce around it."""

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
        extra["messages"] = [{"role": "user", "content": prompt}]
        with agent_span(self.name):
            return ensure_complete(await self.client.messages.create(**extra), self.name)

    async def run(self, prompt: str) -> str:
        """The text of the answer."""
        return text_of(await self.reply(prompt))

    async def parse(self, prompt: str, output_type: type[T]) -> T:
        """The answer as an object of that type, a pydantic model."""
        output = {"format": {"type": "json_schema", "schema": transform_schema(output_type)}}
        return parse_reply(await self.reply(prompt, output_config=output), output_type, self.name)
