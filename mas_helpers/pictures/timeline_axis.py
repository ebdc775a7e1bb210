"""Where the rows of a timeline stand: names at the left, seconds across, what is to say beside a
bar or below it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from ..bench.tracing.call import Call, has_failed, is_agent, is_call
from ..bench.tracing.critical_path import TOLERANCE, critical_spans
from ..bench.tracing.spans import Trace
from .palette import FAILED_INK, FAINT_INK, GRID, INK, LINE
from .svg import MIDDLE, bar, decides_path, edged, fitting, num, pixels, text_at, ticks, underlined
from .text import calls_text, cut, seconds_text, short_model

# shares of the width, of the rest; pixels of a second line
MOST_FOR_NAMES, LEAST_FOR_BARS, DEEPER = (0.36, 0.5, 17)


@dataclass
class Axis:
    """The rows of a timeline on a picture of this width; `middles` are their heights, `scale` the
    pixels a second.
    """

    rows: list[Row]
    end: float
    width: int
    more: str = ""
    # for each row what stands beside its bar, and what below it
    notes: list[list[str]] = field(init=False)
    middles: list[float] = field(init=False)

    def __post_init__(self) -> None:
        crowded = len(self.rows) > 12
        pitch, self.top = (22, 72) if crowded else (28, 50)
        most = round(MOST_FOR_NAMES * self.width)
        self.labels = [fitting(row.label, most - 30 - 16 * row.depth) for row in self.rows]
        self.left = 30 + max(
            pixels(name) + 16 * row.depth for name, row in zip(self.labels, self.rows, strict=True)
        )
        self.notes = [[row.note, ""] for row in self.rows]
        self.scale = self._scale()
        self.middles, y = [], self.top
        for _, below in self.notes:
            self.middles.append(y + pitch / 2)
            y += pitch + DEEPER * bool(below)
        self.bottom = y + pitch * bool(self.more)

    def x(self, second: float) -> float:
        return self.left + second * self.scale

    def _scale(self) -> float:
        """As large as the notes leave room; of one that leaves too little, all but the seconds goes
        below the bar.
        """
        while True:
            room = [(self.width - self.left - 20 - pixels(beside)) for beside, _ in self.notes]
            spans = [max(row.end, self.end / 20, 0.001) for row in self.rows]
            scales = [space / span for space, span in zip(room, spans, strict=True)]
            scale = min(*scales, (self.width - self.left - 30) / max(self.end, 0.001))
            long = [i for i, (beside, _) in enumerate(self.notes) if " · " in beside]
            if not long or scale * self.end >= LEAST_FOR_BARS * (self.width - self.left):
                return max(80 / (self.end or 1), scale)
            tightest = min(long, key=lambda i: scales[i])
            beside, _, below = self.notes[tightest][0].partition(" · ")
            self.notes[tightest] = [beside, below]

    def grid(self) -> Iterator[str]:
        """The lines of the round seconds, and the seconds below them; above as well where there are
        many rows.
        """
        found = ticks(self.end, max(1, min(7, int(self.end * self.scale / 60))))
        lines = "".join(
            f"M{num(self.x(tick))} {self.top - 4}V{num(self.bottom + 4)}" for tick in found
        )
        yield f'<path d="{lines}" stroke="{GRID}"/>'
        heights = [self.bottom + 20, self.top - 12] if len(self.rows) > 12 else [self.bottom + 20]
        said = "".join(text_at(self.x(tick), y, f"{tick:g} s") for tick in found for y in heights)
        yield f'<g class="seconds" fill="{FAINT_INK}" style="{MIDDLE}">{said}</g>'

    def names(self) -> Iterator[str]:
        """The names, each tied to the one above that started it, and what was folded away."""
        above = [0.0] * 7
        for row, label, y in zip(self.rows, self.labels, self.middles, strict=True):
            above[row.depth] = y
            indent = 16 * row.depth
            if row.depth:
                elbow = f"M{indent + 6.5} {num(above[row.depth - 1] + 10)}V{num(y + 0.5)}h6"
                yield f'<path d="{elbow}" stroke="{LINE}" fill="none"/>'
            yield text_at(16 + indent, y + 4.5, label)
        yield text_at(16, self.bottom - 6, self.more) if self.more else ""

    def bars(self) -> Iterator[str]:
        """A thin line for the agent at work, on it a bar for each request, underlined where it
        decides the total.
        """
        lines, boxes, decisive = "", [], ""
        for row, y in zip(self.rows, self.middles, strict=True):
            lines += f"M{num(self.x(row.start))} {num(y - 4)}v8m0-4H{num(self.x(row.end))}m0-4v8"
            for call, decides in row.spells:
                begin, stop = (self.x(round(seconds, 3)) for seconds in (call.start, call.end))
                boxes.append(bar(begin, y, max(2.0, stop - begin), call))
                decisive += underlined(begin, y, stop - begin) if decides else ""
        yield f'<path class="agent" d="{lines}" stroke="{LINE}" stroke-width="2" fill="none"/>'
        yield edged(boxes)
        yield decides_path(decisive) if decisive else ""

    def said(self, style: Callable[[Row], str] = lambda row: "") -> Iterator[str]:
        """What is to say of the rows when they have ended, faint but for what failed."""
        yield f'<g class="notes" fill="{FAINT_INK}">'
        for row, y, notes in zip(self.rows, self.middles, self.notes, strict=True):
            beside, below = (fitting(note, self.width - 8 - self.left) for note in notes)
            end, least = self.x(row.end) + 8, min(self.x(row.start), self.width - 8 - pixels(below))
            for x, down, note in [(end, 4.5, beside), (max(self.left, least), 24, below)]:
                ink = FAILED_INK if "✗" in note else INK  # not the card's but the group's
                yield text_at(x, y + down, note, ink, style(row)) if note else ""
        yield "</g>"


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
    decides: Sequence[bool] = ()  # for each call, whether it is on the critical path
    error: str = ""
    running: bool = False

    @property
    def spells(self) -> Iterator[tuple[Call, bool]]:
        """Each HTTP request of each call as a call of its own, for a retry begins after a wait; and
        if it decides.
        """
        for call, decides in zip(self.calls, self.decides, strict=True):
            waits = call.attempts and call.attempts[-1].end < call.end - TOLERANCE
            if (len(call.attempts) < 2 and not waits) or call.error == "still running":
                yield call, decides
                continue
            for attempt in call.attempts:
                yield (
                    replace(call, start=attempt.start, end=attempt.end, error=attempt.failure),
                    decides,
                )

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
    """Depth first, each level in the order of start.

    Calls that an agent makes at once get a row each.
    """
    spans = {span.context.span_id: span for span in list(trace.spans)}
    path = [span.context.span_id for span in critical_spans(trace)]
    deciding = set(path if sum(map(is_call, spans.values())) > 1 else [])
    agents = {key for key, span in spans.items() if is_agent(span)}
    inside: defaultdict[int | None, list[int]] = defaultdict(list)
    for key, span in sorted(spans.items(), key=lambda item: item[1].start_time):
        if key in agents or is_call(span):
            above = span.parent
            while above and above.span_id in spans and above.span_id not in agents:
                above = spans[above.span_id].parent
            inside[above.span_id if above and above.span_id in agents else None].append(key)

    def visit(parent: int | None, depth: int) -> Iterator[Row]:
        for key in inside[parent]:
            own = [k for k in inside[key] if k not in agents] if key in agents else [key]
            if any(
                trace.call_of(spans[a]).end > trace.call_of(spans[b]).start
                for a, b in pairwise(own)
            ):
                own = []
            yield _row(trace, spans[key], depth, [spans[k] for k in own], deciding)
            inside[key] = [k for k in inside[key] if k not in own]
            yield from visit(key, depth + 1)

    yield from visit(None, 0)


def _row(trace: Trace, span: Any, depth: int, calls: list[Any], deciding: set[int]) -> Row:
    agent = "" if is_call(span) and depth else span.attributes.get("gen_ai.agent.name", "")
    raised = [
        event.attributes["exception.type"].split(".")[-1]
        for event in span.events
        if event.name == "exception"
    ]
    return Row(
        label=cut(agent) or short_model(trace.call_of(span)),
        depth=min(depth, 6),
        # a cell's own microseconds differ from run to run
        start=round(trace.at(span.start_time), 3),
        end=round(trace.at(span.end_time) if span.end_time else trace.seconds, 3),
        calls=[trace.call_of(call) for call in calls],
        decides=[call.context.span_id in deciding for call in calls],
        error=raised[0] if raised else "",
        running=not span.end_time,
    )
