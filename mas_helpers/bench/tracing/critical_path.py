"""The calls that decided how long a whole run took."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from .call import Call, is_call
from .spans import Trace, require_trace

# seconds between two calls that follow each other, which the program itself may take
TOLERANCE = 0.001


def critical_path(trace: Trace) -> list[Call]:
    """The calls that decided how long the whole took, in the order in which they began.

    The last of them is the call that ended last; before each stands the call with the latest end
    that is not after its begin (give or take 1 ms), and so on to the first. Of calls that end
    together, the same agent's counts, else the first to start. A cancelled call decides only what
    begins at its end and goes on after it. Where something went on after the last call, no call
    decided.
    """
    return [trace.call_of(span) for span in _path(require_trace(trace))]


def _path(trace: Trace) -> list[Any]:
    spans = sorted(filter(is_call, list(trace.spans)), key=lambda span: span.start_time)
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
