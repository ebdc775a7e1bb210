"""Spans: what ran, when, and for whom.

One trace feeds the timeline, the flow, the cost table and the log.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry import trace as api
from opentelemetry.trace import Status, StatusCode

from ..time.loop import is_virtual, virtual_loop
from ..time.stopwatch import Stopwatch, stopwatch
from .call import Call, Event, Span, call_from, is_agent, is_call

if TYPE_CHECKING:
    from anthropic.types import Message
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

PROVIDER = {"gen_ai.provider.name": "anthropic"}  # as the SDK's spans say it


@dataclass
class Trace:
    """What ran inside `with trace() as t:`; `t.calls`, `t.seconds`, and the OpenTelemetry spans in
    `t.spans`.
    """

    spans: list[Span] = field(default_factory=list)
    stopwatch: Stopwatch = field(default_factory=Stopwatch, repr=False)
    outer: Trace | None = field(default=None, repr=False)
    ended: list[Span] = field(default_factory=list, repr=False, compare=False)
    _calls: tuple[int, list[Call]] = field(default=(-1, []), init=False, repr=False, compare=False)
    _parsed: dict[int, Call] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def seconds(self) -> float:
        """From the first thing that ran to the end of the last, in seconds; exact in replay, as in
        4.2.
        """
        return self.stopwatch.reached() / 1e9

    def now(self) -> float:
        """Seconds since the trace began; they keep counting while something in it runs in real
        time.
        """
        runs = any(span.end_time is None for span in list(self.spans))
        if runs and self.stopwatch.ticks:
            return self.stopwatch.now() / 1e9
        return self.seconds

    @property
    def calls(self) -> list[Call]:
        """The API calls, in the order in which they began; calls that began together are in the
        order of their agents.
        """
        known = len(self.spans) + len(self.ended)
        if self._calls[0] != known:
            calls = self._read_calls()
            if any(call.error == "still running" for call in calls):
                return calls
            self._calls = known, calls
        return list(self._calls[1])

    def _read_calls(self) -> list[Call]:
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
        """The API call that an SDK span describes. Each span is read once: an ended span doesn't
        change.
        """
        key = span.context.span_id
        if key in self._parsed:
            return self._parsed[key]
        ended = span.end_time is not None  # asked first: it may end in another thread
        call = call_from(span, self.at, self.seconds)
        if ended:
            self._parsed[key] = call
        return call


@dataclass(eq=False)
class Scope:
    """A `trace()` block or a `run` that is open: what a span that begins here belongs to."""

    name: str
    is_run: bool
    trace: Trace | None
    watch: Stopwatch
    outer: Scope | None
    is_open: bool = True
    thread: int = field(default_factory=threading.get_ident)
    _root: api.Span | None = None
    _lock: Any = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        is_real = self.is_run and not is_virtual()
        reached = self.watch.now() if is_real else self.watch.reached()
        self.started_ns = self.watch.started_ns + reached

    @property
    def home(self) -> Scope:
        """The scope whose one root is above all of this: the outermost run, else the block."""
        if self.outer is None:
            return self
        above = self.outer.home
        return above if above.is_run or not self.is_run else self

    def root(self) -> api.Span:
        """The span above everything that ran here; it exists once something has run."""
        with self._lock:
            if self._root is None:
                fields = {
                    "gen_ai.operation.name": "invoke_workflow",
                    "gen_ai.workflow.name": self.name,
                    "gen_ai.agent.name": self.name,
                    **PROVIDER,
                }
                token = _scope.set(self)
                self._root = _tracer().start_root(
                    f"invoke_workflow {self.name}", fields, self.started_ns
                )
                _scope.reset(token)
            return self._root

    def close(self, error: BaseException | None) -> None:
        """Ends the root at the scope's current time; an error that left the scope becomes the
        root's.
        """
        self.is_open = False
        if self._root is None:
            return
        if isinstance(error, Exception):
            self._root.record_exception(error)
            _mark_failed(self._root, error)
        self._root.end(self.watch.started_ns + self.watch.reached())


_scope: contextvars.ContextVar[Scope | None] = contextvars.ContextVar("scope", default=None)
_open_scopes: list[Scope] = []  # of every thread of this process


@contextlib.contextmanager
def _entered(scope: Scope) -> Iterator[None]:
    scope_token, stopwatch_token = _scope.set(scope), stopwatch.set(scope.watch)
    _open_scopes.append(scope)
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        _open_scopes.remove(scope)
        scope.close(error)
        _scope.reset(scope_token)
        stopwatch.reset(stopwatch_token)


def _scope_here() -> Scope | None:
    """The innermost scope open around this code; in a thread that was started without its context,
    the scope open elsewhere, if there's only one.
    """
    scope = _scope.get()
    if scope is not None:
        return scope
    here, found = threading.get_ident(), None
    scopes = list(_open_scopes)
    inner = [one for one in scopes if one.outer is None]
    while len(inner) == 1:
        (found,) = inner
        inner = [one for one in scopes if one.outer is found]
    return found if found is not None and found.thread != here else None


@contextlib.contextmanager
def trace() -> Iterator[Trace]:
    """A Trace of every agent and API call made inside the `with` block and in its tasks.

    Threads count too. A thread that was started without its context (a bare Thread, a
    ThreadPoolExecutor; asyncio.to_thread passes it on) belongs to the one trace that is open at
    that moment. If several are open, nobody knows which one it belongs to, and a note says so once.
    """
    tracer_provider()
    outer = _scope.get()
    watch = Stopwatch(outer=outer.watch if outer else None)
    collected = Trace(stopwatch=watch, outer=outer.trace if outer else None)
    try:
        with _entered(Scope("trace", False, collected, watch, outer)):
            yield collected
    finally:
        watch.stop()


@contextlib.contextmanager
def run_scope(name: str, watch: Stopwatch) -> Iterator[None]:
    """Everything inside is one run: its spans have one root of that name, dated on this watch."""
    outer = _scope.get()
    with _entered(Scope(name, True, outer.trace if outer else None, watch, outer)):
        yield


@contextlib.contextmanager
def agent_span(name: str, **attributes: Any) -> Iterator[api.Span]:
    """The span around one agent's work; the API calls inside carry its name. Where nobody gets it,
    it records nothing.
    """
    if not is_heard():
        with _working(name):
            yield api.INVALID_SPAN
        return
    fields = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name, **PROVIDER}
    with _current_span(f"invoke_agent {name}", {**fields, **attributes}) as span, _working(name):
        yield span


class _working:
    """Inside, that agent is at work."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._token = _agent.set(self._name)

    def __exit__(self, *error: object) -> None:
        _agent.reset(self._token)


@contextlib.contextmanager
def call_span(model: str, messages: list[Any], provider: str) -> Iterator[api.Span]:
    """The span around one call that no SDK traces: its `Call` is in the trace.

    Messages are as they're sent, `{"role": "user", "content": "…"}`. `note_reply` says on the span
    what came.
    """
    fields = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
        **_messages_fields("input", [one for one in messages if one["role"] != "system"]),
    }
    system = [_part(one) for one in messages if one["role"] == "system"]
    fields["gen_ai.system_instructions"] = json.dumps(system, ensure_ascii=False)
    with _current_span(f"chat {model}", fields) as span:
        yield span
        span.set_status(Status(StatusCode.OK))


def note_reply(message: Message) -> None:
    """Says on the `call_span` that is open here what came: its text, why it ends, its usage."""
    span = current_span()
    text = "".join(block.text for block in message.content if block.type == "text")
    span.set_attributes(
        {
            "gen_ai.response.model": message.model,
            "gen_ai.response.finish_reasons": [str(message.stop_reason)],
            **_messages_fields("output", [{"role": "assistant", "content": text}]),
        }
    )
    usage = json.dumps(message.usage.model_dump(exclude_none=True))
    add_event("usage", usage=usage)


def _messages_fields(side: str, messages: list[Any]) -> dict[str, str]:
    written = [{"role": one["role"], "parts": [_part(one)]} for one in messages]
    return {f"gen_ai.{side}.messages": json.dumps(written, ensure_ascii=False)}


def _part(message: Any) -> dict[str, str]:
    return {"type": "text", "content": str(message.get("content") or "")}


@contextlib.contextmanager
def tool_span(name: str, arguments: Any, call_id: str = "") -> Iterator[api.Span]:
    """The span around one use of a tool; an exception recorded on it says how the tool failed.
    Where nobody gets it, it records nothing.

    call_id: the id of the tool_use block that asked for it.
    """
    if not is_heard():
        yield api.INVALID_SPAN
        return
    fields = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": name,
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.arguments": json.dumps(arguments, ensure_ascii=False),
        **PROVIDER,
    }
    if call_id:
        fields["gen_ai.tool.call.id"] = call_id
    with _current_span(f"execute_tool {name}", fields) as span:
        yield span
        for event in events_named("exception"):
            _mark_failed(span, str(event.attributes["exception.type"]))


def is_heard() -> bool:
    """True if anybody gets the spans that begin here: a `trace()` around this code, or an exporter
    added to `tracer_provider()`.
    """
    if _listeners:
        return True
    scope = _scope_here()
    return bool(_open_scopes) if scope is None else scope.trace is not None


_listeners: list[SpanProcessor] = []  # beside the traces


@contextlib.contextmanager
def _current_span(name: str, attributes: dict[str, Any]) -> Iterator[api.Span]:
    with _tracer().start_as_current_span(name, attributes=attributes) as span:
        try:
            yield span
        except Exception as error:
            _mark_failed(span, error)
            raise


def _mark_failed(span: api.Span, error: Exception | str) -> None:
    kind = error if isinstance(error, str) else type(error).__qualname__
    span.set_attribute("error.type", kind.split(".")[-1])
    span.set_status(Status(StatusCode.ERROR))


_agent: contextvars.ContextVar[str] = contextvars.ContextVar("agent", default="")


def current_agent() -> str:
    """The name of the agent at work here, `''` outside any agent."""
    return _agent.get()


def call_under_way() -> int:
    """A number that tells this API call apart from every other one, and stays the same through its
    retries; 0 outside any call.
    """
    return current_span().get_span_context().span_id


def current_span() -> api.Span:
    """The span that is open here; outside any span, one that records nothing."""
    return api.get_current_span()


def now_ns() -> int:
    """Nanoseconds on the clock of the trace that is open here, which dates its spans."""
    return _open_stopwatch().timestamp()


def elapsed() -> float:
    """Seconds since the trace that is open here began, such as 4.2; outside any trace, since the
    run or the program began.
    """
    loop = virtual_loop()
    if _scope_here() is None and loop is not None:
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
def _tracer() -> ClockedTracer:
    tracer = tracer_provider().get_tracer("mas_helpers")
    assert isinstance(tracer, ClockedTracer)
    return tracer


class ClockedTracer(api.Tracer):
    """Starts and ends its spans on the clock of the trace in which they begin, not on the
    machine's.

    OpenTelemetry's SDK reads time.time_ns() when a span starts and ends, and takes no other clock.
    Its public API, however, takes the times themselves. Anthropic's SDK and this package start
    spans without them, so this tracer adds them: `start_time` when the span starts, and `end_time`
    through an `end` set on the span, because that's what the caller will call. On the virtual clock
    a span ends at the current time of its trace, even when the garbage collector ends it after the
    run.
    """

    def __init__(self, inner: api.Tracer) -> None:
        self.inner = inner

    def start_span(self, name: str, context: Any = None, *args: Any, **kwargs: Any) -> api.Span:
        scope = _scope_here()
        home = scope.home if scope is not None else None
        is_below = api.get_current_span(context).get_span_context().is_valid
        if home is not None and home.is_open and not is_below:
            context = api.set_span_in_context(home.root(), context)
        return self._start(scope, name, context, *args, **kwargs)

    def start_root(self, name: str, attributes: dict[str, Any], start_time: int) -> api.Span:
        """A span without a parent."""
        nothing = api.set_span_in_context(api.INVALID_SPAN)
        return self._start(
            _scope_here(), name, nothing, attributes=attributes, start_time=start_time
        )

    def _start(self, scope: Scope | None, *args: Any, **kwargs: Any) -> api.Span:
        watch = scope.watch if scope is not None else _no_trace
        kwargs["start_time"] = kwargs.get("start_time") or watch.timestamp()
        span = self.inner.start_span(*args, **kwargs)
        end_as_it_was: Callable[[int], None] = span.end
        add_as_it_was: Callable[[str, Any, int], None] = span.add_event
        now = watch.reached if is_virtual() else watch.now

        def end(end_time: int | None = None) -> None:
            is_first = span.is_recording()
            end_as_it_was(end_time or watch.started_ns + now())
            for name in ("end", "add_event"):  # else it is a cycle, which only gc can free
                vars(span).pop(name, None)
            collected = scope.trace if scope is not None and is_first else None
            while collected is not None:
                collected.ended.append(span)  # type: ignore[arg-type]  # the SDK's has it all
                collected = collected.outer

        def add_event(name: str, attributes: Any = None, timestamp: int | None = None) -> None:
            add_as_it_was(name, attributes, timestamp or watch.started_ns + now())

        span.end = end  # type: ignore[method-assign]  # see above: there is no hook
        span.add_event = add_event  # type: ignore[method-assign]
        return span

    @contextlib.contextmanager
    def start_as_current_span(  # type: ignore[override]  # the SDK's decorates, ours is not used so
        self, name: str, *args: Any, attributes: Any = None, **kwargs: Any
    ) -> Iterator[api.Span]:
        with api.use_span(self.start_span(name, attributes=attributes), end_on_exit=True) as span:
            yield span


class HeardTracer(ClockedTracer):
    """Starts spans only where somebody gets them: making one costs as much as half a call."""

    def start_span(self, *args: Any, **kwargs: Any) -> api.Span:
        return super().start_span(*args, **kwargs) if is_heard() else api.INVALID_SPAN


class HeardProvider(api.TracerProvider):
    """Gives HeardTracers, whose spans are those of `tracer_provider()`."""

    def get_tracer(self, *args: Any, **kwargs: Any) -> api.Tracer:
        tracer = tracer_provider().get_tracer(*args, **kwargs)
        assert isinstance(tracer, ClockedTracer)
        return HeardTracer(tracer.inner)


@functools.cache
def tracer_provider() -> TracerProvider:
    """The OpenTelemetry tracer provider behind every trace.

    Its spans carry prompts and answers, in memory. To send them somewhere:
    `tracer_provider().add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))`. There, a `run`
    is one trace with one root, `invoke_workflow` plus the name of its coroutine. A replay takes
    less time than its spans say, so they're sent when the run has ended, dated so that it ends now:
    backends refuse spans that end in the future.

    Agents, tools and the clients of `connect` make their spans where somebody gets them: in a
    trace, or once something was added here. It samples everything and cuts nothing, whatever the
    OTEL_… variables say: pictures and dollars are read from these spans. No argument overrules
    OTEL_SDK_DISABLED, so the flag is set back.
    """
    # 20 ms, so not before the first connect or trace
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON

    from .export import PastProcessor

    class Provider(TracerProvider):
        def get_tracer(self, *args: Any, **kwargs: Any) -> api.Tracer:
            return ClockedTracer(super().get_tracer(*args, **kwargs))

        def add_span_processor(self, span_processor: SpanProcessor) -> None:
            super().add_span_processor(PastProcessor(span_processor))
            _listeners.append(span_processor)

    class Keep(SpanProcessor):
        """Passes the agent's name down and the model up, and adds each span to the trace in which
        it begins.
        """

        def on_start(self, span: Any, parent_context: Any = None) -> None:
            name = current_agent()
            if name and "gen_ai.agent.name" not in span.attributes:
                span.set_attribute("gen_ai.agent.name", name)
            above: Any = api.get_current_span(parent_context)
            model = span.attributes.get("gen_ai.request.model")
            if model and above.is_recording() and is_agent(above):
                above.set_attribute("gen_ai.request.model", model)
            scope = _scope_here()
            if scope is None and _open_scopes and is_call(span):
                _say_lost()
            collected = scope.trace if scope is not None else None
            while collected is not None:
                collected.spans.append(span)
                collected = collected.outer

    unlimited = SpanLimits(*[SpanLimits.UNSET] * 8)
    resource = Resource.create({"service.name": "mas_helpers"})
    tracer_provider = Provider(resource=resource, sampler=ALWAYS_ON, span_limits=unlimited)
    tracer_provider._disabled = False
    super(Provider, tracer_provider).add_span_processor(Keep())
    return tracer_provider


@functools.cache
def _say_lost() -> None:
    from ..notices import show_note

    show_note(
        "An API call was made in a thread or task that knows no trace, and it is in none: in no "
        "timeline and no sum. Start the thread with its context: "
        "pool.submit(contextvars.copy_context().run, ask)."
    )


_no_trace = Stopwatch(ticks=True)  # it dates the spans that nobody collects


def _open_stopwatch() -> Stopwatch:
    scope = _scope_here()
    return scope.watch if scope is not None else _no_trace


def require_trace(trace: object) -> Trace:
    """The trace itself. Raises TypeError for anything else."""
    if isinstance(trace, Trace):
        return trace
    raise TypeError(
        f"This needs a trace, not a {type(trace).__name__}: "
        "`with trace() as t: …`, then `timeline(t)`."
    )
