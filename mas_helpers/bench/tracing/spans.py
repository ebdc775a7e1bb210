"""Spans: what ran, when, for whom.

One trace feeds the timeline, the flow, the cost table and the log.
"""

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

from ..time.loop import is_virtual, virtual_loop
from ..time.stopwatch import Stopwatch, stopwatch
from .call import Call, call_from, is_call

_current: contextvars.ContextVar[Trace | None] = contextvars.ContextVar("trace", default=None)


@dataclass
class Trace:
    """What ran inside `with trace() as t:`; `t.calls`, `t.seconds`, and the OpenTelemetry spans in
    `t.spans`.
    """

    spans: list[Any] = field(default_factory=list)
    stopwatch: Stopwatch = field(default_factory=Stopwatch, repr=False)
    started_ns: int = field(default_factory=time.time_ns, repr=False)
    outer: Trace | None = field(default=None, repr=False)
    ended: int | None = field(default=None, repr=False)

    @property
    def seconds(self) -> float:
        """From the first thing that ran to the end of the last, in seconds; exact in replay, as in
        4.2.
        """
        return (self.stopwatch.reached() if self.ended is None else self.ended) / 1e9

    @property
    def calls(self) -> list[Call]:
        """The API calls, in the order in which they began; of those that began together, as their
        agents did.
        """
        # a tool may end in another thread, so these do not stand in the same order each time
        spans = list(self.spans)
        places = {span.context.span_id: place for place, span in enumerate(spans)}
        made = [
            (s.start_time, places.get(s.parent.span_id if s.parent else 0, -1), s)
            for s in spans
            if is_call(s)
        ]
        return [self.call_of(span) for *_, span in sorted(made, key=lambda found: found[:2])]

    def at(self, ns: int) -> float:
        """Seconds since the trace began, of a span's timestamp."""
        return (ns - self.started_ns) / 1e9

    def call_of(self, span: Any) -> Call:
        """The API call that an SDK span tells of."""
        return call_from(span, self.at, self.seconds)


@contextlib.contextmanager
def trace() -> Iterator[Trace]:
    """A Trace of every agent and API call made inside the `with` block and in its tasks.

    Threads count when asyncio.to_thread starts them; other threads do not know of the block.
    """
    provider()
    outer = _current.get()
    collected = Trace(outer=outer)
    before = outer.stopwatch.reached() if outer else 0
    if outer:
        collected.started_ns = outer.started_ns + before
    tokens = _current.set(collected), stopwatch.set(collected.stopwatch)
    try:
        yield collected
    finally:
        _current.reset(tokens[0])
        stopwatch.reset(tokens[1])
        collected.ended = collected.stopwatch.reached()
        if outer:
            outer.stopwatch.advance(before + collected.ended)


@contextlib.contextmanager
def agent_span(name: str, **attributes: Any) -> Iterator[Any]:
    """The span around one agent's work; the API calls inside carry its name."""
    tracer = _tracer()
    named = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name, **attributes}
    with tracer.start_as_current_span(f"invoke_agent {name}", attributes=named) as span:
        token = _agent.set(name)
        try:
            yield span
        finally:
            _agent.reset(token)


@contextlib.contextmanager
def tool_span(name: str, arguments: Any) -> Iterator[Any]:
    """The span around one use of a tool."""
    named = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name}
    named["gen_ai.tool.call.arguments"] = json.dumps(arguments, ensure_ascii=False)
    with _tracer().start_as_current_span(f"execute_tool {name}", attributes=named) as span:
        yield span


_agent: contextvars.ContextVar[str] = contextvars.ContextVar("agent", default="")


def current_agent() -> str:
    """The name of the agent at work here, `''` outside of any."""
    return _agent.get()


def call_under_way() -> int:
    """What tells the API call that is made here from every other one, also in its retries; 0
    outside of any.
    """
    return api.get_current_span().get_span_context().span_id


def now_ns() -> int:
    """Nanoseconds on the clock of the trace that is open here, as its spans are dated."""
    collected = _current.get() or _no_trace
    return collected.started_ns + collected.stopwatch.now()


def elapsed() -> float:
    """Seconds since the trace began that is open here, as in 4.2; outside of any, since the run or
    the program did.
    """
    loop, collected = virtual_loop(), _current.get()
    if collected is None and loop is not None:
        return loop.clock.now_ns / 1e9
    return (collected or _no_trace).stopwatch.now() / 1e9


def add_event(event: str, **attributes: Any) -> None:
    """Adds an event to the span that is open here, dated now."""
    api.get_current_span().add_event(event, attributes, now_ns())


def events_named(event: str) -> list[Any]:
    """The events of that name on the span that is open here, each with `.timestamp` and
    `.attributes`.
    """
    return [found for found in getattr(api.get_current_span(), "events", ()) if found.name == event]


@functools.cache
def _tracer() -> api.Tracer:
    return provider().get_tracer("mas_helpers")


class ClockedTracer(api.Tracer):
    """Starts and ends its spans on the clock of the trace that they begin in, not the machine's.

    A span that began on the virtual clock ends on it, even when the garbage collector ends it after
    the run.
    """

    def __init__(self, inner: api.Tracer) -> None:
        self.inner = inner

    def start_span(self, *args: Any, start_time: int | None = None, **kwargs: Any) -> Any:
        collected = _current.get() or _no_trace
        watch, began = collected.stopwatch, collected.started_ns
        span = self.inner.start_span(*args, start_time=start_time or began + watch.now(), **kwargs)
        end, now = span.end, watch.reached if is_virtual() else watch.now
        span.end = lambda end_time=None: end(end_time or began + now())
        return span

    @contextlib.contextmanager
    def start_as_current_span(
        self, name: str, *args: Any, attributes: Any = None, **kwargs: Any
    ) -> Iterator[Any]:
        with api.use_span(self.start_span(name, attributes=attributes), end_on_exit=True) as span:
            yield span


@functools.cache
def provider() -> Any:
    """The OpenTelemetry tracer provider behind every trace.

    Its spans carry prompts and answers, in memory. Send them anywhere:
    `provider().add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))`.
    """
    # 20 ms, so not before the first connect or trace
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON

    class Provider(TracerProvider):
        def get_tracer(self, *args: Any, **kwargs: Any) -> api.Tracer:
            return ClockedTracer(super().get_tracer(*args, **kwargs))

    class Keep(SpanProcessor):
        """Hands the agent's name down, and each span to the trace that it begins in."""

        def on_start(self, span: Any, parent_context: Any = None) -> None:
            name = current_agent()
            if name and "gen_ai.agent.name" not in span.attributes:
                span.set_attribute("gen_ai.agent.name", name)
            collected = _current.get()
            while collected is not None:
                collected.spans.append(span)
                collected = collected.outer

    # whatever OTEL_… says
    whole = {"sampler": ALWAYS_ON, "span_limits": SpanLimits(*[SpanLimits.UNSET] * 8)}
    made = Provider(resource=Resource.create({"service.name": "mas_helpers"}), **whole)
    made._disabled = False
    made.add_span_processor(Keep())
    return made


_no_trace = Trace()  # its clock dates the spans that nobody collects


def require_trace(trace: Trace) -> Trace:
    if isinstance(trace, Trace):
        return trace
    raise TypeError(
        f"This needs a trace, not a {type(trace).__name__}: `with trace() as t: …`, then `timeline(t)`."
    )
