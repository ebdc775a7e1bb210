"""What leaves the process: the spans of a replay, dated so that they end now."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Status

from ..notices import show_note
from ..time.loop import is_virtual

# spans that wait to be sent; a replay hands over a whole run at once, of any size
LONGEST_QUEUE = 100_000


class PastProcessor(SpanProcessor):
    """Passes spans on to another processor. Those of a virtual run go when the whole run has ended,
    moved back by as much as they end in the future; all others go at once, unchanged.
    """

    def __init__(self, inner: SpanProcessor) -> None:
        self.inner = inner
        self._open: dict[int, int] = {}  # how many spans of each trace are
        self._held: dict[int, list[ReadableSpan]] = {}
        self._lock = threading.Lock()

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        key = span.context.trace_id
        with self._lock:
            self._open[key] = self._open.get(key, 0) + 1
        self.inner.on_start(span, parent_context)

    def on_end(self, span: ReadableSpan) -> None:
        for one in self._due(span):
            self.inner.on_end(one)

    def _due(self, span: ReadableSpan) -> list[ReadableSpan]:
        key = span.context.trace_id if span.context else 0
        ends = span.end_time or 0
        with self._lock:
            self._open[key] = self._open.get(key, 1) - 1
            if self._open[key]:
                if key not in self._held and not is_virtual() and ends <= time.time_ns():
                    return [span]
                self._held.setdefault(key, []).append(span)
                return []
            del self._open[key]
            spans = [*self._held.pop(key, ()), span]
        ahead = max(one.end_time or 0 for one in spans) - time.time_ns()
        return [_moved_back(one, ahead) for one in spans] if ahead > 0 else spans

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.inner.force_flush(timeout_millis)

    def shutdown(self) -> None:
        with self._lock:
            held, self._held = self._held, {}
        for span in (one for spans in held.values() for one in spans):
            self.inner.on_end(span)
        self.inner.shutdown()


def _moved_back(span: ReadableSpan, ns: int) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=span.attributes,
        events=[Event(one.name, one.attributes, one.timestamp - ns) for one in span.events],
        links=span.links,
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=span.status,
        start_time=(span.start_time or 0) - ns,
        end_time=(span.end_time or 0) - ns,
    )


def copy_span(
    span: ReadableSpan,
    attributes: Callable[[Any], dict[str, Any]],
    *,
    name: str,
    description: str | None,
) -> ReadableSpan:
    """A copy of the span, with another name and status description, and with `attributes` applied
    to its attributes: its own, and those of its events, its links and its resource.
    """
    return ReadableSpan(
        name=name,
        context=span.context,
        parent=span.parent,
        resource=Resource(attributes(span.resource.attributes), span.resource.schema_url),
        attributes=attributes(span.attributes),
        events=[Event(one.name, attributes(one.attributes), one.timestamp) for one in span.events],
        links=[Link(one.context, attributes(one.attributes)) for one in span.links],
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=Status(span.status.status_code, description),
        start_time=span.start_time,
        end_time=span.end_time,
    )


@dataclass
class Delivery:
    """How many spans `ended`, how many of them were `sent`, and the first `reason` why others
    weren't.
    """

    ended: int = 0
    sent: int = 0
    reason: str = ""

    @property
    def lost(self) -> int:
        """How many weren't sent."""
        return self.ended - self.sent


class Outbox(SpanProcessor):
    """Passes copies of spans to an exporter, in a thread of its own, until it is closed."""

    def __init__(
        self, exporter: SpanExporter, prepare: Callable[[ReadableSpan], ReadableSpan]
    ) -> None:
        self.delivery = Delivery()
        self._counting = _Counting(exporter, prepare, self.delivery)
        self._batches = BatchSpanProcessor(self._counting, max_queue_size=LONGEST_QUEUE)
        self._is_open = True

    def on_end(self, span: ReadableSpan) -> None:
        if self._is_open:
            self.delivery.ended += 1
            self._batches.on_end(span)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return not self._is_open or self._batches.force_flush(timeout_millis)

    def shutdown(self) -> None:
        self.close(1.0)

    def close(self, wait: float) -> None:
        """Waits at most this many seconds for what is on its way, and says what is lost."""
        if not self._is_open:
            return
        self._is_open = False
        # its own limit is 30 s, and takes no other
        ending = threading.Thread(target=self._batches.shutdown, daemon=True)
        ending.start()
        ending.join(wait)
        if self.delivery.lost:
            reason = self.delivery.reason or f"no answer within {wait:g} s"
            show_note(
                f"{self.delivery.lost} of {self.delivery.ended} spans did not reach the receiver: "
                f"{reason}. The run itself is complete."
            )
        self._counting.shutdown()


class _Counting(SpanExporter):
    def __init__(
        self,
        inner: SpanExporter,
        prepare: Callable[[ReadableSpan], ReadableSpan],
        delivery: Delivery,
    ) -> None:
        self._inner, self._prepare, self._delivery = inner, prepare, delivery
        self._is_open = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._inner.export([self._prepare(span) for span in spans])
        except Exception as error:
            self._delivery.reason = self._delivery.reason or type(error).__name__
            return SpanExportResult.FAILURE
        if result is SpanExportResult.SUCCESS:
            self._delivery.sent += len(spans)
        else:
            self._delivery.reason = self._delivery.reason or "it is down, or it refused them"
        return result

    def shutdown(self) -> None:
        if self._is_open:
            self._is_open = False
            self._inner.shutdown()
