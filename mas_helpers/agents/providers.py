"""An agent whose model is behind an OpenAI-compatible API: its replies become messages at the door,
so all that reads a message works for it too. And how to ask again for JSON that came wrong.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from anthropic import transform_schema
from anthropic.types import Message, TextBlock, ToolUseBlock, Usage
from pydantic import BaseModel

from ..bench.tracing.spans import agent_span, call_span, note_reply
from .agent import (
    AgentLike,
    ReplyMalformed,
    ReplyUnreadable,
    ensure_complete,
    ensure_readable,
    parse_reply,
    text_of,
)
from .failures import NoAnswer, PaidWork, note_paid

if TYPE_CHECKING:
    from openai import AsyncOpenAI

T = TypeVar("T", bound=BaseModel)

STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}


class ProviderError(NoAnswer):
    """The provider's API gave an error or nothing; the error of its SDK is the cause."""


def message_of(completion: Any, agent: str = "") -> Message:
    """A chat completion as the message that says the same. Raises ReplyUnreadable for anything that
    isn't one, and for a tool call whose arguments are no JSON.
    """
    try:
        (choice, *_), usage = completion.choices, completion.usage
        said, content = choice.message, list[Any]()
        if said.content or said.refusal:
            content.append(TextBlock(type="text", text=said.content or said.refusal))
        for call in said.tool_calls or []:
            name, arguments = call.function.name, json.loads(call.function.arguments)
            content.append(ToolUseBlock(type="tool_use", id=call.id, name=name, input=arguments))
        why = "refusal" if said.refusal else choice.finish_reason
        message = Message.construct(
            id=completion.id,
            type="message",
            role="assistant",
            model=completion.model,
            content=content,
            stop_reason=STOP_REASONS.get(why, why),
            usage=usage_of(usage),
        )
    except (AttributeError, TypeError, ValueError) as error:
        nothing: Any = None
        raise ReplyUnreadable(agent, nothing, f"but {str(completion)[:60]!r}") from error
    return ensure_readable(message, agent)


def usage_of(usage: Any) -> Usage:
    """The usage of a chat completion as the Messages API counts it: without what came from a cache.

    `prompt_tokens` includes what was read from a cache; `completion_tokens` includes the reasoning.
    """
    cached = getattr(usage.prompt_tokens_details, "cached_tokens", 0) or 0
    return Usage(
        input_tokens=usage.prompt_tokens - cached,
        cache_read_input_tokens=cached,
        output_tokens=usage.completion_tokens,
    )


@dataclass(frozen=True)
class ChatAgent:
    """An agent on the client of `openai`: `await agent.run("…")` gives the text of the answer.

    `provider` is what spans call the one who answers, such as "openai" or "llama.cpp".
    """

    name: str
    model: str
    system: str
    client: AsyncOpenAI = field(repr=False, kw_only=True)
    max_tokens: int = field(default=4000, kw_only=True)
    provider: str = field(default="openai", kw_only=True)

    async def reply(self, prompt: str, **extra: Any) -> Message:
        """The whole answer, as a message. A cut, refused or empty one is a ReplyError, an error of
        the API a ProviderError.
        """
        messages = [
            {"role": "system", "content": self.system},
            {"role": "user", "content": prompt},
        ]
        with agent_span(self.name, **{"gen_ai.provider.name": self.provider}):
            message = await self._ask(messages, extra)
            note_paid(PaidWork(self.name, prompt, text_of(message), message, tuple(messages)))
            return ensure_complete(message, self.name)

    async def _ask(self, messages: list[Any], extra: dict[str, Any]) -> Message:
        from openai import APIError

        request = {"model": self.model, "max_completion_tokens": self.max_tokens, **extra}
        create: Any = self.client.chat.completions.create
        try:
            with call_span(self.model, messages, self.provider):
                message = message_of(await create(messages=messages, **request), self.name)
                note_reply(message)
            return message
        except APIError as error:
            raise ProviderError(f"{self.name}: {type(error).__name__}: {error}") from error
        except json.JSONDecodeError as error:
            nothing: Any = None
            raise ReplyUnreadable(self.name, nothing, f"but {error.doc[:60]!r}") from error

    async def run(self, prompt: str) -> str:
        """The text of the answer."""
        return text_of(await self.reply(prompt))

    async def parse(self, prompt: str, output_type: type[T]) -> T:
        """The answer as an object of that type, a pydantic model."""
        schema = {"name": output_type.__name__, "schema": transform_schema(output_type)}
        wanted = {"type": "json_schema", "json_schema": {**schema, "strict": True}}
        return parse_reply(await self.reply(prompt, response_format=wanted), output_type, self.name)


async def parse_until_valid(
    agent: AgentLike, prompt: str, output_type: type[T], attempts: int = 3
) -> T:
    """What `agent.parse` returns; after JSON that doesn't fit, the agent is asked again, with its
    answer and what is wrong with it. Raises the ReplyMalformed of the last attempt.
    """
    asked = prompt
    for left in reversed(range(attempts)):
        try:
            return await agent.parse(asked, output_type)
        except ReplyMalformed as error:
            if not left:
                raise
            wrong = f"You answered:\n{text_of(error.reply)}\n\nThat doesn't fit. {error.detail}."
            asked = f"{prompt}\n\n{wrong} Answer again, with the JSON alone."
    raise ValueError("attempts must be 1 or more")
