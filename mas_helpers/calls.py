"""One API call, as the SDK's own span tells of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One API call as the SDK saw it, retries included. Times are seconds from the start of the trace.

    `prompt` is the text of the messages that were sent, without the system prompt; `answer` the text that came back.
    """

    agent: str
    model: str
    start: float
    end: float
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    stop_reason: str
    error: str
    retries: int
    prompt: str
    answer: str

    @property
    def seconds(self) -> float:
        return round(self.end - self.start, 6)


def call_from(span: Any, start: float, end: float) -> Call:
    """The API call that an SDK span tells of, at these seconds of its trace."""
    get = (span.attributes or {}).get
    return Call(
        agent=get("gen_ai.agent.name", ""),
        model=get("gen_ai.response.model") or get("gen_ai.request.model", ""),
        start=start,
        end=end,
        input_tokens=get("gen_ai.usage.input_tokens", 0),
        output_tokens=get("gen_ai.usage.output_tokens", 0),
        cache_read_tokens=get("gen_ai.usage.cache_read.input_tokens", 0),
        cache_write_tokens=get("gen_ai.usage.cache_write.input_tokens", 0),
        stop_reason=get("anthropic.message.stop_reason", ""),
        error=get("error.type", "") or _unfinished(span),
        retries=get("http.request.resend_count", 0),
        prompt=_texts(get("gen_ai.input.messages", "[]")),
        answer=_texts(get("gen_ai.output.messages", "[]")),
    )


def is_call(span: Any) -> bool:
    """True for a request to the API; the span of a whole tool_runner is none."""
    return span.name.startswith("anthropic.messages.") and span.name != "anthropic.messages.tool_runner"


def _texts(messages: str) -> str:
    """The texts in a span's messages: `[{"role": "user", "parts": [{"type": "text", "content": "…"}]}]`."""
    parts = [part for message in json.loads(messages) for part in message["parts"]]
    return "\n\n".join(str(part.get("content", "")) for part in parts if part.get("type") == "text")


def _unfinished(span: Any) -> str:
    """The SDK marks a call that was answered; one without a mark is under way, or was given up by its caller."""
    if not span.end_time:
        return "still running"
    return "" if span.status.is_ok and span.status.status_code.name == "OK" else "cancelled"
