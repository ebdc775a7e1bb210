"""One API call, as the SDK's own span tells of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Attempt:
    """One HTTP request of a call: `failure` is `"529"`, `"timeout"`, … or `""`, `fault` what was
    injected.
    """

    start: float
    end: float
    failure: str
    fault: str


@dataclass(frozen=True)
class Call:
    """One API call as the SDK saw it, retries included.

    Times are seconds from the start of the trace.

    `prompt` is the text of the messages that were sent, without the system prompt; `answer` the
    text that came back; `told` what tools returned, as it was sent.
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
    told: str = ""
    attempts: tuple[Attempt, ...] = ()

    @property
    def seconds(self) -> float:
        return round(self.end - self.start, 6)


def call_from(span: Any, at: Callable[[int], float], now: float) -> Call:
    """The API call that an SDK span tells of; `at` gives the second of its trace that a timestamp
    is, `now` is one.
    """
    get = (span.attributes or {}).get
    sent, came = (_parts(get(f"gen_ai.{way}.messages", "[]")) for way in ("input", "output"))
    return Call(
        agent=get("gen_ai.agent.name", ""),
        model=get("gen_ai.response.model") or get("gen_ai.request.model", ""),
        start=at(span.start_time),
        end=at(span.end_time) if span.end_time else now,
        input_tokens=get("gen_ai.usage.input_tokens", 0),
        output_tokens=get("gen_ai.usage.output_tokens", 0),
        cache_read_tokens=get("gen_ai.usage.cache_read.input_tokens", 0),
        cache_write_tokens=get("gen_ai.usage.cache_write.input_tokens", 0),
        stop_reason=get("anthropic.message.stop_reason", ""),
        error=get("error.type", "") or _unfinished(span),
        retries=get("http.request.resend_count", 0),
        prompt=_texts(sent),
        answer=_texts(came),
        told=_told(sent),
        attempts=tuple(_attempts(span, at)),
    )


def _attempts(span: Any, at: Callable[[int], float]) -> Iterator[Attempt]:
    fault = ""
    for event in span.events:
        if event.name == "fault":
            fault = event.attributes["kind"]
        if event.name == "attempt":
            given = event.attributes
            yield Attempt(at(given["began"]), at(event.timestamp), given["failure"], fault)
            fault = ""


def is_call(span: Any) -> bool:
    """True for a request to the API; the span of a whole tool_runner is none."""
    return (
        span.name.startswith("anthropic.messages.")
        and span.name != "anthropic.messages.tool_runner"
    )


def _parts(messages: str) -> list[dict[str, Any]]:
    """The parts of a span's messages, of all of them in order: `[{"type": "text", "content":
    "…"}]`.
    """
    return [part for message in json.loads(messages) for part in message["parts"]]


def _texts(parts: list[dict[str, Any]]) -> str:
    return "\n\n".join(str(part.get("content", "")) for part in parts if part.get("type") == "text")


def _told(parts: list[dict[str, Any]]) -> str:
    """The tool results among them: `{"type": "tool_call_response", "response": [{"text": "…"}]}`."""
    results = [part.get("response") for part in parts if part.get("type") == "tool_call_response"]
    blocks = [
        block for result in results for block in (result if isinstance(result, list) else [result])
    ]
    return "\n\n".join(str(b.get("text", "")) if isinstance(b, dict) else str(b) for b in blocks)


def conversations(calls: list[Call]) -> list[Call]:
    """The calls, but the steps of one tool loop as one: from its first prompt to its last answer."""
    whole: list[Call] = []
    for call in calls:
        before = [i for i, c in enumerate(whole) if call.told and _goes_on(c, call)]
        if not before:
            whole.append(call)
            continue
        first = whole[before[-1]]
        spent = (
            "input_tokens",
            "output_tokens",
            "cache_read_tokens",
            "cache_write_tokens",
            "retries",
        )
        sums = {name: getattr(first, name) + getattr(call, name) for name in spent}
        whole[before[-1]] = replace(call, start=first.start, prompt=first.prompt, **sums)
    return whole


def _goes_on(first: Call, call: Call) -> bool:
    same = (first.agent, first.model) == (call.agent, call.model) and call.prompt.startswith(
        first.prompt
    )
    return (
        same
        and first.end <= call.start
        and call.told.startswith(first.told)
        and call.told != first.told
    )


def _unfinished(span: Any) -> str:
    """The SDK marks a call that was answered; one without a mark is under way, or was given up by
    its caller.
    """
    if not span.end_time:
        return "still running"
    return "" if span.status.is_ok and span.status.status_code.name == "OK" else "cancelled"


def is_agent(span: Any) -> bool:
    """True for an agent at work; the SDK's tool_runner calls itself one too, and is none of ours."""
    return span.attributes.get(
        "gen_ai.operation.name"
    ) == "invoke_agent" and not span.name.startswith("anthropic.")


def has_failed(call: Call) -> bool:
    return call.error not in ("", "still running")
