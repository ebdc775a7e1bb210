"""The calls that decided how long a whole run took."""

from __future__ import annotations

from dataclasses import dataclass

from .call import Call, Span, is_call
from .spans import Trace, require_trace

# seconds between two calls that follow each other, which the program itself may take
TOLERANCE = 0.001


def critical_path(trace: Trace) -> list[Call]:
    """The calls that decided how long the whole run took, in the order in which they began.

    The last of them is the call that ended last. Before each call comes the one with the latest end
    that isn't after this one's start (give or take 1 ms), and so on back to the first. Of calls
    that end together, the one of the same agent counts, else the first to start. A cancelled call
    matters only for what begins at its end and continues after it. If something went on after the
    last call, no call decided.
    """
    return [trace.call_of(span) for span in critical_spans(require_trace(trace))]


def critical_spans(trace: Trace) -> list[Span]:
    """The spans of the calls on the critical path, in the order in which they began."""
    calls = _timed_calls(trace)
    answered = [call for call in calls if not call.was_cancelled]
    if not answered or max(call.end for call in answered) < trace.seconds - TOLERANCE:
        return []
    path = [min(answered, key=lambda call: (-call.rounded_end, call.place))]
    while before := _predecessor(path[0], calls):
        path.insert(0, before)
    return [call.span for call in path]


@dataclass(frozen=True)
class TimedCall:
    """A call as the path sees it: its times in seconds, its place in the order in which all
    began.
    """

    span: Span
    place: int
    start: float
    end: float
    was_cancelled: bool

    @property
    def rounded_end(self) -> float:
        """Calls with the same value end together."""
        return round(self.end, 3)

    def leads_to(self, later: TimedCall) -> bool:
        """True if the later one may have waited for this one.

        It can have waited for a cancelled call only until the moment it was given up.
        """
        is_over = self.place < later.place and self.end <= later.start + TOLERANCE
        if self.was_cancelled:
            return is_over and later.start - TOLERANCE <= self.end < later.end - TOLERANCE
        return is_over


def _timed_calls(trace: Trace) -> list[TimedCall]:
    spans = sorted(filter(is_call, list(trace.spans)), key=lambda span: span.start_time)
    return [
        TimedCall(
            span=span,
            place=place,
            start=trace.at(span.start_time),
            end=trace.at(span.end_time) if span.end_time else trace.seconds,
            was_cancelled=trace.call_of(span).error == "cancelled",
        )
        for place, span in enumerate(spans)
    ]


def _predecessor(later: TimedCall, calls: list[TimedCall]) -> TimedCall | None:
    """The call that the later one waited for, None if it started on its own."""

    def rank(call: TimedCall) -> tuple[float, bool, bool, int]:
        is_another_agents = call.span.parent != later.span.parent
        return -call.rounded_end, call.was_cancelled, is_another_agents, call.place

    candidates = [call for call in calls[: later.place] if call.leads_to(later)]
    return min(candidates, key=rank, default=None)
