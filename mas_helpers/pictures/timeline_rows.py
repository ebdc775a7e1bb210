"""The rows of a timeline: which there are, in which order, and what each one says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ..bench.tracing.call import Call, Span, has_failed, is_agent, is_call
from ..bench.tracing.critical_path import TOLERANCE, critical_spans
from ..bench.tracing.spans import Trace
from .text import count_text, cut, model_name, seconds_text

DEEPEST = 6  # agents that stand deeper are not indented further


@dataclass(frozen=True)
class Row:
    """A line of the timeline: an agent at work and its calls, or a call outside of any agent.

    Times in seconds.
    """

    label: str
    depth: int
    start: float
    end: float
    calls: Sequence[Call] = ()
    on_path: Sequence[bool] = ()  # for each call, whether it is on the critical path
    error: str = ""
    running: bool = False

    @property
    def attempts(self) -> Iterator[tuple[Call, bool]]:
        """Each HTTP request of each call as a call of its own, for a retry begins after a wait; and
        whether it is on the critical path.
        """
        for call, is_on_path in zip(self.calls, self.on_path, strict=True):
            waits = bool(call.attempts) and call.attempts[-1].end < call.end - TOLERANCE
            if (len(call.attempts) < 2 and not waits) or call.error == "still running":
                yield call, is_on_path
                continue
            for attempt in call.attempts:
                start, end, error = attempt.start, attempt.end, attempt.failure
                yield replace(call, start=start, end=end, error=error), is_on_path

    @property
    def is_on_path(self) -> bool:
        return any(self.on_path)

    @property
    def note(self) -> str:
        """`"4.2 s · 2 calls · 3 attempts (1 × 529) · ✗ timeout"`."""
        parts = [f"{seconds_text(self.end - self.start)} s"]
        if len(self.calls) > 1:
            parts.append(count_text(len(self.calls), "call"))
        attempt_count = sum(call.retries + 1 for call in self.calls)
        if attempt_count > len(self.calls):
            retried = [attempt.failure for call in self.calls for attempt in call.attempts[:-1]]
            failures = ", ".join(f"{count} × {kind}" for kind, count in Counter(retried).items())
            parts.append(f"{attempt_count} attempts ({failures})")
        error = next((call.error for call in self.calls if has_failed(call)), self.error)
        if error:
            parts.append(f"✗ {cut(error)}")
        if self.running:
            parts.append("still running")
        return " · ".join(parts)


def build_rows(trace: Trace) -> list[Row]:
    """The rows of a trace, depth first, each level in the order of start.

    Calls that an agent makes at once get a row each.
    """
    spans = {span.context.span_id: span for span in list(trace.spans)}
    children = _children(spans)
    on_path: set[int] = set()
    if sum(map(is_call, spans.values())) > 1:  # one call alone decides nothing
        on_path = {span.context.span_id for span in critical_spans(trace)}

    def rows_below(parent: int | None, depth: int) -> Iterator[Row]:
        for span in children[parent]:
            key = span.context.span_id
            own = [span] if is_call(span) else list(filter(is_call, children[key]))
            if _overlap(trace, own):
                own = []
            yield _build_row(trace, span, depth, own, on_path)
            if own:  # they stand in this row, and need none of their own
                children[key] = list(filter(is_agent, children[key]))
            yield from rows_below(key, depth + 1)

    return list(rows_below(None, 0))


def _children(spans: dict[int, Span]) -> defaultdict[int | None, list[Span]]:
    """The agents and calls below each agent, below None those outside of any; in order of start."""
    children: defaultdict[int | None, list[Span]] = defaultdict(list)
    for span in sorted(spans.values(), key=lambda span: span.start_time):
        if is_agent(span) or is_call(span):
            children[_agent_above(span, spans)].append(span)
    return children


def _agent_above(span: Span, spans: dict[int, Span]) -> int | None:
    above = span.parent and spans.get(span.parent.span_id)
    while above and not is_agent(above):
        above = above.parent and spans.get(above.parent.span_id)
    return above.context.span_id if above else None


def _overlap(trace: Trace, spans: list[Span]) -> bool:
    calls = map(trace.call_of, spans)
    return any(before.end > after.start for before, after in pairwise(calls))


def _build_row(trace: Trace, span: Span, depth: int, calls: list[Span], on_path: set[int]) -> Row:
    agent = span.attributes.get("gen_ai.agent.name", "")
    if is_call(span) and depth:  # its agent stands above it
        agent = ""
    end = trace.at(span.end_time) if span.end_time else trace.seconds
    return Row(
        label=cut(agent) or model_name(trace.call_of(span)),
        depth=min(depth, DEEPEST),
        # a cell's own microseconds differ from run to run
        start=round(trace.at(span.start_time), 3),
        end=round(end, 3),
        calls=[trace.call_of(call) for call in calls],
        on_path=[call.context.span_id in on_path for call in calls],
        error=error_name(span),
        running=not span.end_time,
    )


def error_name(span: Span) -> str:
    """The type of the exception that ended it, without its module, `""` where there is none."""
    for event in span.events:
        if event.name == "exception":
            return str(event.attributes["exception.type"]).split(".")[-1]
    return ""
