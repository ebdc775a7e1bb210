"""Spans: what ran, when, for whom. One trace feeds the timeline, the flow, the cost table and the log."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from opentelemetry import trace as api

from . import clock

_current: contextvars.ContextVar[Trace | None] = contextvars.ContextVar("trace", default=None)


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


@dataclass
class Trace:
    """What ran inside `with trace() as t:`; `t.calls`, `t.seconds`, and the OpenTelemetry spans in `t.spans`."""

    spans: list[Any] = field(default_factory=list)
    stopwatch: clock.Stopwatch = field(default_factory=clock.Stopwatch, repr=False)
    started_ns: int = field(default_factory=time.time_ns, repr=False)

    @property
    def seconds(self) -> float:
        """From the first thing that ran to the end of the last, in seconds; exact in replay, as in 4.2."""
        return self.stopwatch.reached() / 1e9

    @property
    def calls(self) -> list[Call]:
        """The API calls, in the order in which they began."""
        made = [self.call_of(s) for s in self.spans if s.name.startswith("anthropic.messages.")]
        return sorted(made, key=lambda call: call.start)

    def at(self, ns: int) -> float:
        """Seconds since the trace began, of a span's timestamp."""
        return (ns - self.started_ns) / 1e9

    def call_of(self, span: Any) -> Call:
        """The API call that an SDK span tells of."""
        get = (span.attributes or {}).get
        return Call(
            agent=get("gen_ai.agent.name", ""),
            model=get("gen_ai.response.model") or get("gen_ai.request.model", ""),
            start=self.at(span.start_time),
            end=self.at(span.end_time) if span.end_time else self.seconds,
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


def _texts(messages: str) -> str:
    """The texts in a span's record of messages: `[{"role": "user", "parts": [{"type": "text", "content": "…"}]}]`."""
    parts = [part for message in json.loads(messages) for part in message["parts"]]
    return "\n\n".join(str(part.get("content", "")) for part in parts if part.get("type") == "text")


def _unfinished(span: Any) -> str:
    """The SDK marks a call that was answered; one without a mark is under way, or was given up by its caller."""
    if not span.end_time:
        return "still running"
    return "" if span.status.is_ok and span.status.status_code.name == "OK" else "cancelled"


@contextlib.contextmanager
def trace() -> Iterator[Trace]:
    """A Trace that collects every agent and API call made inside the `with` block, also in its tasks and threads."""
    provider()
    collected = Trace()
    tokens = _current.set(collected), clock.stopwatch.set(collected.stopwatch)
    try:
        yield collected
    finally:
        _current.reset(tokens[0])
        clock.stopwatch.reset(tokens[1])


@contextlib.contextmanager
def agent_span(name: str, **attributes: Any) -> Iterator[Any]:
    """The span around one agent's work; the API calls inside carry its name."""
    tracer = _tracer()
    named = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name, **attributes}
    with tracer.start_as_current_span(f"invoke_agent {name}", attributes=named) as span:
        yield span


def current_agent() -> str:
    """The name of the agent at work here, `''` outside of any."""
    return _agent_of(api.get_current_span())


def _agent_of(span: Any) -> str:
    return (getattr(span, "attributes", None) or {}).get("gen_ai.agent.name", "")


@functools.cache
def _tracer() -> api.Tracer:
    return provider().get_tracer("mas_helpers")


class ClockedTracer(api.Tracer):
    """Starts and ends its spans on the clock of the trace that they begin in, not the machine's.

    A span that began on the virtual clock ends on it, even when the garbage collector ends it after the run.
    """

    def __init__(self, inner: api.Tracer) -> None:
        self.inner = inner

    def start_span(self, *args: Any, start_time: int | None = None, **kwargs: Any) -> Any:
        collected = _current.get() or _no_trace
        watch, began = collected.stopwatch, collected.started_ns
        span = self.inner.start_span(*args, start_time=start_time or began + watch.now(), **kwargs)
        end, now = span.end, watch.reached if clock.is_virtual() else watch.now
        span.end = lambda end_time=None: end(end_time or began + now())
        return span

    @contextlib.contextmanager
    def start_as_current_span(self, name: str, *args: Any, attributes: Any = None, **kwargs: Any) -> Iterator[Any]:
        with api.use_span(self.start_span(name, attributes=attributes), end_on_exit=True) as span:
            yield span


@functools.cache
def provider() -> Any:
    """The OpenTelemetry tracer provider behind every trace.

    Its spans carry prompts and answers, in memory. Send them anywhere:
    `provider().add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))`.
    """
    from opentelemetry.sdk.resources import Resource  # 20 ms, so not before the first connect or trace
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

    class Provider(TracerProvider):
        def get_tracer(self, *args: Any, **kwargs: Any) -> api.Tracer:
            return ClockedTracer(super().get_tracer(*args, **kwargs))

    class Keep(SpanProcessor):
        """Hands the agent's name down, and each span to the trace that it begins in."""

        def on_start(self, span: Any, parent_context: Any = None) -> None:
            name = _agent_of(api.get_current_span(parent_context))
            if name and "gen_ai.agent.name" not in span.attributes:
                span.set_attribute("gen_ai.agent.name", name)
            if _current.get() is not None:
                _current.get().spans.append(span)

    made = Provider(resource=Resource.create({"service.name": "mas_helpers"}))
    made.add_span_processor(Keep())
    return made


_no_trace = Trace()  # its clock dates the spans that nobody collects
