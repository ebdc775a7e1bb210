"""The timeline of a trace: what ran when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..bench.tracing.spans import Trace, require_trace
from .animation import build_folds
from .outcomes import count_outcomes, outcome
from .svg import (
    BOLD,
    MARGIN,
    NARROW,
    ON_PATH,
    TOOL,
    WIDTH,
    Drawing,
    Picture,
    build_picture,
    draw_legend,
    draw_text,
    nothing_ran,
)
from .tables import MOST_ROWS
from .text import column_count, pad, seconds_text
from .timeline_axis import Axis, align
from .timeline_rows import Row, build_rows

TEXT_BAR = 40  # characters across, in the text form
MARKS = {"answered": "█", "failed": "▒", "cancelled": "░", "running": "█"}
BETWEEN_RUNS = 34  # pixels from the seconds of one run to the heading of the next


def timeline(*traces: Trace, titles: Sequence[str] = (), width: int = WIDTH) -> Picture:
    """A Picture of what ran when: a row for each agent, under the agent that started it, and a bar
    for each API call.

    If there are several calls, those on the critical path are marked: they decided how long the
    whole run took. Several traces are drawn below each other on one axis, so that you can compare
    their seconds; each may have a title. In a notebook you can play the run of a single trace: the
    folds below the picture show it in real time and 10× as fast. Raises ValueError if there are
    titles, but not one for each trace.
    """
    if titles and len(titles) != len(traces):
        raise ValueError(f"{len(titles)} titles for {len(traces)} traces: give one to each.")
    names = titles or [""] * len(traces)
    runs = [Run.of(trace, title) for trace, title in zip(traces, names, strict=True)]
    if not any(run.rows for run in runs):
        return nothing_ran(width)
    runs = [run for run in runs if run.rows]
    end = max(run.end for run in runs)
    text = "\n\n".join(run.build_text(end) for run in runs)
    axes = _build_axes(runs, end, width)
    wide = _draw(runs, axes, width)
    if width <= NARROW:
        return build_picture(text, wide)
    narrow = _draw(runs, _build_axes(runs, end, NARROW, names_above=True), NARROW)
    folds = build_folds(axes[0]) if len(runs) == 1 and not runs[0].more else ""
    return build_picture(text, wide, narrow, folds)


@dataclass
class Run:
    """One trace on a timeline: its rows, up to the second `end`, and how many more there are."""

    heading: str
    rows: list[Row]
    end: float
    more: str = ""

    @classmethod
    def of(cls, trace: Trace, title: str) -> Run:
        rows = build_rows(require_trace(trace))
        if not rows:
            return cls(title, [], 0.0)
        end = max(round(trace.seconds, 3), *(row.end for row in rows))
        calls = [call for row in rows for call in row.calls]
        parts = [title, f"{seconds_text(end)} s in all", count_outcomes(calls)]
        heading, more = " · ".join(filter(None, parts)), ""
        if len(rows) > MOST_ROWS:
            more = f"and {len(rows) - MOST_ROWS:,} more, until {seconds_text(end)} s"
            if any(row.is_on_path for row in rows[MOST_ROWS:]):
                more += " ◀"
            rows = rows[:MOST_ROWS]
            # on an axis for all of them, the bars would be too short to tell apart
            end = max(row.end for row in rows)
        return cls(heading, rows, end, more)

    def build_text(self, end: float) -> str:
        heading = f"timeline · {self.heading}"
        if any(row.is_on_path for row in self.rows) or self.more.endswith("◀"):
            heading += f" · ◀ {ON_PATH}"
        return "\n".join(filter(None, [heading, *_text_rows(self.rows, end), self.more]))


def _build_axes(
    runs: list[Run], end: float, width: int, *, names_above: bool = False
) -> list[Axis]:
    """An axis for each run, of one scale."""
    axes = [Axis(run.rows, end, width, run.more, names_above) for run in runs]
    if len(axes) > 1:
        align(axes)
    return axes


def _draw(runs: list[Run], axes: list[Axis], width: int) -> Drawing:
    """The runs below each other."""
    parts, y = [], 0.0
    for run, axis in zip(runs, axes, strict=True):
        drawn = [
            draw_text(MARGIN, 28, run.heading, style=BOLD),
            *axis.draw_grid(),
            *axis.draw_names(),
            *axis.draw_bars(),
            *axis.draw_notes(),
        ]
        parts += [f'<g transform="translate(0 {y:g})">', *drawn, "</g>"] if y else drawn
        y += axis.bottom + BETWEEN_RUNS
    rows = [row for run in runs for row in run.rows]
    others = [ON_PATH] if any(row.is_on_path for row in rows) else []
    others += [TOOL] if any(row.tools for row in rows) else []
    calls = [call for row in rows for call, _ in row.attempts]
    legend, height = draw_legend(calls, y - BETWEEN_RUNS + 46, width, *others)
    return Drawing([*parts, *legend], width, height)


def _text_rows(rows: list[Row], end: float) -> list[str]:
    """The rows as text: `"worker a  ████····  2.0 s ◀"`."""
    labels = ["  " * row.depth + row.label for row in rows]
    label_width = max(map(column_count, labels))
    notes = [row.note.partition(" · ") for row in rows]
    seconds_width = max(len(seconds) for seconds, _, _ in notes)
    lines = []
    for label, row, (seconds, dot, others) in zip(labels, rows, notes, strict=True):
        name, aligned = pad(label, label_width), pad(seconds, seconds_width, right=True)
        mark = " ◀" if row.is_on_path else ""
        lines.append(f"{name}  {_text_bar(row, end)}  {aligned}{dot}{others}{mark}")
    return lines


def _text_bar(row: Row, end: float) -> str:
    """`─` where the agent was at work; on that `█` a call, `▒` one that failed, `░` one that was
    cancelled, `═` a tool; else `·`.
    """
    cells = ["·"] * TEXT_BAR
    spans = [("─", row.start, row.end)]
    spans += [("═", tool.start, tool.end) for tool in row.tools]
    spans += [(MARKS[outcome(call)], call.start, call.end) for call, _ in row.attempts]
    for mark, *times in spans:
        first, last = (int(round(time, 3) / (end or 1) * TEXT_BAR + 0.5) for time in times)
        first = min(first, TEXT_BAR - 1)
        cells[first : max(first + 1, last)] = mark * max(1, last - first)
    return "".join(cells)
