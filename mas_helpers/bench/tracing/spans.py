"""Spans: what ran, when, for whom.

One trace feeds the timeline, the flow, the cost table and the log.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry import trace as api

from ..time.loop import is_virtual, virtual_loop
from ..time.stopwatch import Stopwatch, stopwatch
from .call import Call, Event, Span, call_from, is_call

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_current: contextvars.ContextVar[Trace | None] = contextvars.ContextVar("trace", default=None)


@dataclass
class Trace:
    """What ran inside `with trace() as t:`; `t.calls`, `t.seconds`, and the OpenTelemetry spans in
    `t.spans`.
    """

    spans: list[Span] = field(default_factory=list)
    stopwatch: Stopwatch = field(default_factory=Stopwatch, repr=False)
    outer: Trace | None = field(default=None, repr=False)
    _parsed: dict[int, Call] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def seconds(self) -> float:
        """From the first thing that ran to the end of the last, in seconds; exact in replay, as in
        4.2.
        """
        return self.stopwatch.reached() / 1e9

    def now(self) -> float:
        """Seconds since the trace began; while something of it runs in real time, they go on."""
        runs = any(span.end_time is None for span in list(self.spans))
        if runs and self.stopwatch.ticks:
            return self.stopwatch.now() / 1e9
        return self.seconds

    @property
    def calls(self) -> list[Call]:
        """The API calls, in the order in which they began; of those that began together, as their
        agents did.
        """
        spans = list(self.spans)
        places = {span.context.span_id: place for place, span in enumerate(spans)}

        # a tool may end in another thread, so these do not stand in the same order each time
        def order(span: Span) -> tuple[int, int]:
            return span.start_time, places.get(span.parent.span_id, -1) if span.parent else -1

        return [self.call_of(span) for span in sorted(filter(is_call, spans), key=order)]

    def at(self, ns: int) -> float:
        """Seconds since the trace began, of a span's timestamp."""
        return (ns - self.stopwatch.started_ns) / 1e9

    def call_of(self, span: Span) -> Call:
        """The API call that an SDK span tells of. It is read once: an ended span stays as it is."""
        key = span.context.span_id
        if key in self._parsed:
            return self._parsed[key]
        ended = span.end_time is not None  # asked first: it may end in another thread
        call = call_from(span, self.at, self.seconds)
        if ended:
            self._parsed[key] = call
        return call


@contextlib.contextmanager
def trace() -> Iterator[Trace]:
    """A Trace of every agent and API call made inside the `with` block and in its tasks.

    Threads count when asyncio.to_thread starts them; other threads do not know of the block.
    """
    provider()
    outer = _current.get()
    watch = Stopwatch(outer=outer.stopwatch if outer else None)
    collected = Trace(stopwatch=watch, outer=outer)
    trace_token, stopwatch_token = _current.set(collected), stopwatch.set(watch)
    try:
        yield collected
    finally:
        _current.reset(trace_token)
        stopwatch.reset(stopwatch_token)
        watch.stop()


@contextlib.contextmanager
def agent_span(name: str, **attributes: Any) -> Iterator[api.Span]:
    """The span around one agent's work; the API calls inside carry its name."""
    fields = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name, **attributes}
    with _tracer().start_as_current_span(f"invoke_agent {name}", attributes=fields) as span:
        token = _agent.set(name)
        try:
            yield span
        finally:
            _agent.reset(token)


@contextlib.contextmanager
def tool_span(name: str, arguments: Any) -> Iterator[api.Span]:
    """The span around one use of a tool."""
    fields = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": name,
        "gen_ai.tool.call.arguments": json.dumps(arguments, ensure_ascii=False),
    }
    with _tracer().start_as_current_span(f"execute_tool {name}", attributes=fields) as span:
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
    return _open_stopwatch().timestamp()


def elapsed() -> float:
    """Seconds since the trace began that is open here, as in 4.2; outside of any, since the run or
    the program did.
    """
    loop = virtual_loop()
    if _current.get() is None and loop is not None:
        return loop.clock.now_ns / 1e9
    return _open_stopwatch().now() / 1e9


def add_event(event: str, **attributes: Any) -> None:
    """Adds an event to the span that is open here, dated now."""
    api.get_current_span().add_event(event, attributes, now_ns())


def events_named(name: str) -> list[Event]:
    """The events of that name on the span that is open here, each with `.timestamp` and
    `.attributes`.
    """
    events = getattr(api.get_current_span(), "events", ())
    return [event for event in events if event.name == name]


@functools.cache
def _tracer() -> api.Tracer:
    return provider().get_tracer("mas_helpers")


class ClockedTracer(api.Tracer):
    """Starts and ends its spans on the clock of the trace that they begin in, not the machine's.

    OpenTelemetry's SDK reads time.time_ns() where a span starts and ends, and takes no other clock.
    But its public API takes the times themselves. The SDK of Anthropic and this package start spans
    without them, so this tracer stands between and adds them: `start_time` as the span starts, and
    `end_time` by an `end` that is set on the span, since whoever ends it calls that and not us. On
    the virtual clock a span ends where its trace has come to, even when the garbage collector ends
    it after the run.
    """

    def __init__(self, inner: api.Tracer) -> None:
        self.inner = inner

    def start_span(self, *args: Any, start_time: int | None = None, **kwargs: Any) -> api.Span:
        watch = _open_stopwatch()
        kwargs["start_time"] = start_time or watch.timestamp()
        span = self.inner.start_span(*args, **kwargs)
        end_as_it_was: Callable[[int], None] = span.end
        now = watch.reached if is_virtual() else watch.now

        def end(end_time: int | None = None) -> None:
            end_as_it_was(end_time or watch.started_ns + now())

        span.end = end  # type: ignore[method-assign]  # see above: there is no hook
        return span

    @contextlib.contextmanager
    def start_as_current_span(  # type: ignore[override]  # the SDK's decorates, ours is not used so
        self, name: str, *args: Any, attributes: Any = None, **kwargs: Any
    ) -> Iterator[api.Span]:
        with api.use_span(self.start_span(name, attributes=attributes), end_on_exit=True) as span:
            yield span


@functools.cache
def provider() -> TracerProvider:
    """The OpenTelemetry tracer provider behind every trace.

    Its spans carry prompts and answers, in memory. Send them anywhere:
    `provider().add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))`.

    It samples all and cuts nothing, whatever the OTEL_… variables say: pictures and dollars are
    read from these spans. OTEL_SDK_DISABLED has no argument that overrules it, so the flag is set
    back.
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

    unlimited = SpanLimits(*[SpanLimits.UNSET] * 8)
    resource = Resource.create({"service.name": "mas_helpers"})
    tracer_provider = Provider(resource=resource, sampler=ALWAYS_ON, span_limits=unlimited)
    tracer_provider._disabled = False
    tracer_provider.add_span_processor(Keep())
    return tracer_provider


_no_trace = Stopwatch()  # it dates the spans that nobody collects


def _open_stopwatch() -> Stopwatch:
    collected = _current.get()
    return collected.stopwatch if collected is not None else _no_trace


def require_trace(trace: object) -> Trace:
    """The trace itself. Raises TypeError for anything else."""
    if isinstance(trace, Trace):
        return trace
    raise TypeError(
        f"This needs a trace, not a {type(trace).__name__}: "
        "`with trace() as t: …`, then `timeline(t)`."
    )
