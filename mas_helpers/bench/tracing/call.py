"""One API call, as described by the SDK's own span."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from opentelemetry.trace import SpanContext, Status

from .usage import Usage


class Event(Protocol):
    """Something dated on a span."""

    @property
    def name(self) -> str: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def attributes(self) -> Mapping[str, Any]: ...


class Span(Protocol):
    """The part of an OpenTelemetry span that we read: its ReadableSpan, once it has started.

    `end_time` is None while the span is open; times are nanoseconds since 1970.
    """

    @property
    def name(self) -> str: ...
    @property
    def context(self) -> SpanContext: ...
    @property
    def parent(self) -> SpanContext | None: ...
    @property
    def start_time(self) -> int: ...
    @property
    def end_time(self) -> int | None: ...
    @property
    def attributes(self) -> Mapping[str, Any]: ...
    @property
    def events(self) -> Sequence[Event]: ...
    @property
    def status(self) -> Status: ...


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

    `prompt` is the text of the messages that were sent, without the system prompt, which is
    `system`; `answer` is the text that came back; `tool_results` is what tools returned, as it was
    sent; `tool_arguments` is what the model wrote into the tool calls of its answer, as JSON.

    `usages` is what the API reported for each reply, unchanged; `day` is when the call began, such
    as `"2026-11-27"`: prices depend on both. `run` is the id of its OpenTelemetry trace.
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
    tool_results: str = ""
    attempts: tuple[Attempt, ...] = ()
    usages: tuple[Usage, ...] = field(default=(), repr=False, compare=False)
    day: str = field(default="", repr=False, compare=False)
    system: str = field(default="", repr=False)
    tool_arguments: str = field(default="", repr=False)
    run: str = field(default="", repr=False, compare=False)

    @property
    def seconds(self) -> float:
        return round(self.end - self.start, 6)


def call_from(span: Span, at: Callable[[int], float], now: float) -> Call:
    """The API call that an SDK span describes; `at` turns a timestamp into seconds of its trace,
    and `now` is the current one.
    """
    get = span.attributes.get
    sent = _parts(get("gen_ai.input.messages", "[]"))
    received = _parts(get("gen_ai.output.messages", "[]"))
    usages = _usages(span)
    return Call(
        agent=get("gen_ai.agent.name", ""),
        model=get("gen_ai.response.model") or get("gen_ai.request.model", ""),
        start=at(span.start_time),
        end=at(span.end_time) if span.end_time else now,
        **token_sums(usages),
        stop_reason=get("anthropic.message.stop_reason", "") or _finish_reason(span),
        error=get("error.type", "") or _unfinished(span),
        retries=get("http.request.resend_count", 0),
        prompt=_texts(sent),
        answer=_texts(received),
        tool_results=_tool_results(sent),
        attempts=tuple(_attempts(span, at)),
        usages=usages,
        day=day_of(span.start_time),
        system=_texts(json.loads(get("gen_ai.system_instructions", "[]"))),
        tool_arguments=_tool_arguments(received),
        run=f"{span.context.trace_id:032x}",
    )


def _finish_reason(span: Span) -> str:
    return str((span.attributes.get("gen_ai.response.finish_reasons") or [""])[0])


def day_of(ns: int) -> str:
    """The day of this many nanoseconds since 1970, such as `"2026-11-27"`."""
    return datetime.fromtimestamp(ns // 1_000_000_000, UTC).date().isoformat()


def input_tokens(usage: Usage) -> int:
    """All the tokens of a prompt, including those read from a cache or written to one."""
    parts = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return sum(usage.get(part) or 0 for part in parts)


def token_sums(usages: Sequence[Usage]) -> dict[str, int]:
    """The token counts of a Call: the fields of it that count any."""

    def count(name: str) -> int:
        return sum(usage.get(name) or 0 for usage in usages)

    return {
        "input_tokens": sum(map(input_tokens, usages)),
        "output_tokens": count("output_tokens"),
        "cache_read_tokens": count("cache_read_input_tokens"),
        "cache_write_tokens": count("cache_creation_input_tokens"),
    }


def _usages(span: Span) -> tuple[Usage, ...]:
    """What the API reported, reply by reply; the span's own sums if nobody kept it."""
    kept = [event.attributes["usage"] for event in span.events if event.name == "usage"]
    if kept:
        return tuple(map(json.loads, kept))
    get = span.attributes.get
    sums = {
        "input_tokens": get("gen_ai.usage.input_tokens", 0),
        "output_tokens": get("gen_ai.usage.output_tokens", 0),
        "cache_read_input_tokens": get("gen_ai.usage.cache_read.input_tokens", 0),
        "cache_creation_input_tokens": get("gen_ai.usage.cache_write.input_tokens", 0),
    }
    sums["input_tokens"] -= sums["cache_read_input_tokens"] + sums["cache_creation_input_tokens"]
    kinds = {
        f"ephemeral_{kind}_input_tokens": get(
            f"anthropic.usage.cache_creation.ephemeral_{kind}_input_tokens"
        )
        for kind in ("5m", "1h")
    }
    split = {name: count for name, count in kinds.items() if count}
    return ({**sums, "cache_creation": split} if split else sums,) if any(sums.values()) else ()


def _attempts(span: Span, at: Callable[[int], float]) -> Iterator[Attempt]:
    fault = ""
    for event in span.events:
        if event.name == "fault":
            fault = event.attributes["kind"]
        if event.name == "attempt":
            start, failure = at(event.attributes["began"]), event.attributes["failure"]
            yield Attempt(start, at(event.timestamp), failure, fault)
            fault = ""


def is_call(span: Span) -> bool:
    """True for a request to an API; the span of a whole tool_runner isn't one."""
    if span.name == "anthropic.messages.tool_runner":
        return False
    return span.name.startswith(("anthropic.messages.", "chat "))  # call_span's own


def _parts(messages: str) -> list[dict[str, Any]]:
    """The parts of all the messages of a span, in order: `[{"type": "text", "content": "…"}]`."""
    return [part for message in json.loads(messages) for part in message["parts"]]


def _texts(parts: list[dict[str, Any]]) -> str:
    return "\n\n".join(str(part.get("content", "")) for part in parts if part.get("type") == "text")


def _tool_results(parts: list[dict[str, Any]]) -> str:
    """The texts of all `{"type": "tool_call_response", "response": [{"text": "…"}]}`."""
    texts: list[str] = []
    for part in parts:
        if part.get("type") != "tool_call_response":
            continue
        response = part.get("response")
        for block in response if isinstance(response, list) else [response]:
            texts.append(str(block.get("text", "") if isinstance(block, dict) else block))
    return "\n\n".join(texts)


def _tool_arguments(parts: list[dict[str, Any]]) -> str:
    calls = (part.get("arguments") for part in parts if part.get("type") == "tool_call")
    return "\n".join(json.dumps(arguments, ensure_ascii=False) for arguments in calls)


def conversations(calls: list[Call]) -> list[Call]:
    """The calls, with the steps of one tool loop joined into one: from its first prompt to its last
    answer.
    """
    merged: list[Call] = []
    for call in calls:
        earlier = [i for i, one in enumerate(merged) if _continues(call, one)]
        if earlier:
            merged[earlier[-1]] = _joined(merged[earlier[-1]], call)
        else:
            merged.append(call)
    return merged


def _joined(first: Call, last: Call) -> Call:
    return replace(
        last,
        start=first.start,
        prompt=first.prompt,
        input_tokens=first.input_tokens + last.input_tokens,
        output_tokens=first.output_tokens + last.output_tokens,
        cache_read_tokens=first.cache_read_tokens + last.cache_read_tokens,
        cache_write_tokens=first.cache_write_tokens + last.cache_write_tokens,
        retries=first.retries + last.retries,
        usages=first.usages + last.usages,
    )


def _continues(call: Call, earlier: Call) -> bool:
    """True if a call is the next step of an earlier call's tool loop."""
    return (
        (call.agent, call.model) == (earlier.agent, earlier.model)
        and call.prompt.startswith(earlier.prompt)
        and earlier.end <= call.start
        and call.tool_results.startswith(earlier.tool_results)
        and call.tool_results != earlier.tool_results
    )


def _unfinished(span: Span) -> str:
    """The SDK marks a call that was answered; one without that mark is under way, or its caller
    gave it up.
    """
    if not span.end_time:
        return "still running"
    return "" if span.status.is_ok and span.status.status_code.name == "OK" else "cancelled"


def is_agent(span: Span) -> bool:
    """True for an agent at work; the SDK's tool_runner calls itself one, but isn't one of ours."""
    invokes = span.attributes.get("gen_ai.operation.name") == "invoke_agent"
    return invokes and not span.name.startswith("anthropic.")


def has_failed(call: Call) -> bool:
    """True if a call ended without an answer."""
    return call.error not in ("", "still running")
