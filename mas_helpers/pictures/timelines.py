"""The timeline of a trace: what ran when."""

from __future__ import annotations

from ..bench.tracing.call import has_failed
from ..bench.tracing.spans import Trace, require_trace
from .animation import build_folds
from .svg import (
    BOLD,
    MARGIN,
    ON_PATH,
    WIDTH,
    Picture,
    build_picture,
    draw_legend,
    draw_text,
    nothing_ran,
)
from .tables import MOST_ROWS
from .text import column_count, count_text, pad, seconds_text
from .timeline_axis import Axis
from .timeline_rows import Row, build_rows

TEXT_BAR = 40  # characters across, in the text form


def timeline(trace: Trace, width: int = WIDTH) -> Picture:
    """A Picture of what ran when: a row for each agent, under the agent that started it, a bar for
    each API call.

    Of several calls, those on the critical path are marked: they decided how long the whole took.
    In a notebook it can be played: the folds below the picture show the same run in its own
    seconds, and 10× as fast.
    """
    rows = build_rows(require_trace(trace))
    if not rows:
        return nothing_ran(width)
    end = max(round(trace.seconds, 3), *(row.end for row in rows))
    heading = _heading(trace, end)
    has_path, more = any(row.is_on_path for row in rows), ""
    if len(rows) > MOST_ROWS:
        more = f"and {len(rows) - MOST_ROWS:,} more, until {seconds_text(end)} s"
        if any(row.is_on_path for row in rows[MOST_ROWS:]):
            more += " ◀"
        rows = rows[:MOST_ROWS]
        # on an axis for all of them, the bars would be too short to tell apart
        end = max(row.end for row in rows)
    title = f"timeline · {heading} · ◀ {ON_PATH}" if has_path else f"timeline · {heading}"
    text = "\n".join(filter(None, [title, *_text_rows(rows, end), more]))
    axis = Axis(rows, end, width, more)
    calls = [call for row in rows for call, _ in row.attempts]
    legend, height = draw_legend(calls, axis.bottom + 46, width, has_path)
    parts = [
        draw_text(MARGIN, 28, heading, style=BOLD),
        *axis.draw_grid(),
        *axis.draw_names(),
        *axis.draw_bars(),
        *axis.draw_notes(),
        *legend,
    ]
    return build_picture(parts, height, width, text, "" if more else build_folds(axis))


def _heading(trace: Trace, end: float) -> str:
    """`"4.5 s in all · 3 calls · 1 failed"`."""
    failed = sum(map(has_failed, trace.calls))
    parts = [f"{seconds_text(end)} s in all", count_text(len(trace.calls), "call")]
    if failed:
        parts.append(f"{failed} failed")
    return " · ".join(parts)


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
    """`─` where the agent was at work, `█` a call on that, `▒` one that failed, else `·`."""
    cells = ["·"] * TEXT_BAR
    spans = [("─", row.start, row.end)]
    for call, _ in row.attempts:
        spans.append(("▒" if has_failed(call) else "█", call.start, call.end))
    for mark, *times in spans:
        first, last = (int(round(time, 3) / (end or 1) * TEXT_BAR + 0.5) for time in times)
        first = min(first, TEXT_BAR - 1)
        cells[first : max(first + 1, last)] = mark * max(1, last - first)
    return "".join(cells)
