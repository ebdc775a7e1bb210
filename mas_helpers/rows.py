"""The rows of a timeline: which agent ran when, under which, with which calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .tables import calls_text, cut, seconds_text, short_model
from .trace import Call, Trace


@dataclass(frozen=True)
class Row:
    """A line of the timeline: an agent at work and its calls, or a call outside of any agent. Times in seconds."""

    label: str
    depth: int
    start: float
    end: float
    calls: Sequence[Call] = ()
    error: str = ""
    running: bool = False

    @property
    def note(self) -> str:
        sent = sum(call.retries + 1 for call in self.calls)
        error = next((call.error for call in self.calls if has_failed(call)), self.error)
        parts = [
            f"{seconds_text(self.end - self.start)} s",
            calls_text(self.calls) if len(self.calls) > 1 else "",
            f"{sent} attempts" if sent > len(self.calls) else "",
            f"✗ {cut(error)}" if error else "",
            "still running" if self.running else "",
        ]
        return " · ".join(filter(None, parts))


def rows_of(trace: Trace) -> Iterator[Row]:
    """Depth first, each level in the order of start. Calls that an agent makes at once get a row each."""
    spans = {span.context.span_id: span for span in list(trace.spans)}
    agents = {key for key, span in spans.items() if span.attributes.get("gen_ai.operation.name") == "invoke_agent"}
    inside: defaultdict[int | None, list[int]] = defaultdict(list)
    for key, span in sorted(spans.items(), key=lambda item: item[1].start_time):
        if key in agents or span.name.startswith("anthropic.messages."):
            above = span.parent
            while above and above.span_id in spans and above.span_id not in agents:
                above = spans[above.span_id].parent
            inside[above.span_id if above and above.span_id in agents else None].append(key)

    def visit(parent: int | None, depth: int) -> Iterator[Row]:
        for key in inside[parent]:
            own = [k for k in inside[key] if k not in agents] if key in agents else [key]
            if any(trace.call_of(spans[a]).end > trace.call_of(spans[b]).start for a, b in pairwise(own)):
                own = []
            yield _row(trace, spans[key], depth, [trace.call_of(spans[k]) for k in own])
            inside[key] = [k for k in inside[key] if k not in own]
            yield from visit(key, depth + 1)

    yield from visit(None, 0)


def _row(trace: Trace, span: Any, depth: int, calls: list[Call]) -> Row:
    is_call = span.name.startswith("anthropic.messages.")
    agent = "" if is_call and depth else span.attributes.get("gen_ai.agent.name", "")
    raised = [event.attributes["exception.type"].split(".")[-1] for event in span.events if event.name == "exception"]
    return Row(
        label=cut(agent) or short_model(trace.call_of(span)),
        depth=min(depth, 6),
        start=round(trace.at(span.start_time), 3),  # a cell's own microseconds differ from run to run
        end=round(trace.at(span.end_time) if span.end_time else trace.seconds, 3),
        calls=calls,
        error=raised[0] if raised else "",
        running=not span.end_time,
    )


def has_failed(call: Call) -> bool:
    return call.error not in ("", "still running")
