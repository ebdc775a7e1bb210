"""What leaves the process: the spans of a replay, dated so that they end now."""

from __future__ import annotations

import threading
import time
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan, SpanProcessor

from ..time.loop import is_virtual


class PastProcessor(SpanProcessor):
    """Hands spans on to another processor: those of a virtual run when all of it has ended, moved
    back by what they end in the future; all others at once, as they are.
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
