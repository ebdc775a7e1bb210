"""What a trace tells, before it is drawn: the rows of a timeline, and what decided its length."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from .calls import Call, is_call
from .tables import calls_text, checked, cut, seconds_text, short_model
from .trace import Trace

TOLERANCE = 0.001  # seconds between two calls that follow each other, which the program itself may take


@dataclass(frozen=True)
class Row:
    """A line of the timeline: an agent at work and its calls, or a call outside of any agent. Times in seconds."""

    label: str
    depth: int
    start: float
    end: float
    calls: Sequence[Call] = ()
    decides: Sequence[bool] = ()  # for each call, whether it is on the critical path
    error: str = ""
    running: bool = False

    @property
    def spells(self) -> Iterator[tuple[Call, bool]]:
        """Each HTTP request of each call as a call of its own, for a retry begins after a wait; and if it decides."""
        for call, decides in zip(self.calls, self.decides, strict=True):
            waits = call.attempts and call.attempts[-1].end < call.end - TOLERANCE
            if (len(call.attempts) < 2 and not waits) or call.error == "still running":
                yield call, decides
                continue
            for attempt in call.attempts:
                yield replace(call, start=attempt.start, end=attempt.end, error=attempt.failure), decides

    @property
    def is_decisive(self) -> bool:
        return any(self.decides)

    @property
    def note(self) -> str:
        sent = sum(call.retries + 1 for call in self.calls)
        before = Counter(attempt.failure for call in self.calls for attempt in call.attempts[:-1])
        failures = ", ".join(f"{count} × {failure}" for failure, count in before.items())
        error = next((call.error for call in self.calls if has_failed(call)), self.error)
        parts = [
            f"{seconds_text(self.end - self.start)} s",
            calls_text(self.calls) if len(self.calls) > 1 else "",
            f"{sent} attempts ({failures})" if sent > len(self.calls) else "",
            f"✗ {cut(error)}" if error else "",
            "still running" if self.running else "",
        ]
        return " · ".join(filter(None, parts))


def rows_of(trace: Trace) -> Iterator[Row]:
    """Depth first, each level in the order of start. Calls that an agent makes at once get a row each."""
    spans = {span.context.span_id: span for span in list(trace.spans)}
    path = [span.context.span_id for span in _path(trace)]
    deciding = set(path if sum(map(_is_call, spans.values())) > 1 else [])
    agents = {key for key, span in spans.items() if is_agent(span)}
    inside: defaultdict[int | None, list[int]] = defaultdict(list)
    for key, span in sorted(spans.items(), key=lambda item: item[1].start_time):
        if key in agents or _is_call(span):
            above = span.parent
            while above and above.span_id in spans and above.span_id not in agents:
                above = spans[above.span_id].parent
            inside[above.span_id if above and above.span_id in agents else None].append(key)

    def visit(parent: int | None, depth: int) -> Iterator[Row]:
        for key in inside[parent]:
            own = [k for k in inside[key] if k not in agents] if key in agents else [key]
            if any(trace.call_of(spans[a]).end > trace.call_of(spans[b]).start for a, b in pairwise(own)):
                own = []
            yield _row(trace, spans[key], depth, [spans[k] for k in own], deciding)
            inside[key] = [k for k in inside[key] if k not in own]
            yield from visit(key, depth + 1)

    yield from visit(None, 0)


def _row(trace: Trace, span: Any, depth: int, calls: list[Any], deciding: set[int]) -> Row:
    agent = "" if _is_call(span) and depth else span.attributes.get("gen_ai.agent.name", "")
    raised = [event.attributes["exception.type"].split(".")[-1] for event in span.events if event.name == "exception"]
    return Row(
        label=cut(agent) or short_model(trace.call_of(span)),
        depth=min(depth, 6),
        start=round(trace.at(span.start_time), 3),  # a cell's own microseconds differ from run to run
        end=round(trace.at(span.end_time) if span.end_time else trace.seconds, 3),
        calls=[trace.call_of(call) for call in calls],
        decides=[call.context.span_id in deciding for call in calls],
        error=raised[0] if raised else "",
        running=not span.end_time,
    )


def critical_path(trace: Trace) -> list[Call]:
    """The calls that decided how long the whole took, in the order in which they began.

    The last of them is the call that ended last; before each stands the call with the latest end that is not after
    its begin (give or take 1 ms), and so on to the first. Of calls that end together, the same agent's counts, else the
    first to start. A cancelled call decides only what begins at its end and goes on after it. Where something went on
    after the last call, no call decided.
    """
    return [trace.call_of(span) for span in _path(checked(trace))]


def _path(trace: Trace) -> list[Any]:
    spans = sorted(filter(_is_call, list(trace.spans)), key=lambda span: span.start_time)
    begins = [trace.at(span.start_time) for span in spans]
    ends = [trace.at(span.end_time) if span.end_time else trace.seconds for span in spans]
    given_up = [trace.call_of(span).error == "cancelled" for span in spans]
    path: list[int] = []
    answered = [end for end, stopped in zip(ends, given_up, strict=True) if not stopped]
    if max(answered, default=0.0) < trace.seconds - TOLERANCE:
        return []
    in_order = sorted(range(len(spans)), key=lambda i: (-round(ends[i], 3), i))
    for _, together in groupby(in_order, key=lambda i: round(ends[i], 3)):
        agent = spans[path[0]].parent if path else None
        for i in sorted(together, key=lambda i: (given_up[i], spans[i].parent != agent)):
            before = not path or (i < path[0] and ends[i] <= begins[path[0]] + TOLERANCE)
            left_off = path and begins[path[0]] - TOLERANCE <= ends[i] < ends[path[0]] - TOLERANCE
            if before and (left_off or not given_up[i]):
                path.insert(0, i)
    return [spans[i] for i in path]


def is_agent(span: Any) -> bool:
    """True for an agent at work; the SDK's tool_runner calls itself one too, and is none of ours."""
    return span.attributes.get("gen_ai.operation.name") == "invoke_agent" and not span.name.startswith("anthropic.")


def _is_call(span: Any) -> bool:
    return is_call(span)


def has_failed(call: Call) -> bool:
    return call.error not in ("", "still running")


def name_of(call: Call) -> str:
    return cut(call.agent) or short_model(call)
