"""What people look at: the timeline of a trace, and tables.

Plain SVG and HTML, the same bytes every time.
"""

from __future__ import annotations

from ..bench.tracing.call import has_failed
from ..bench.tracing.spans import Trace, require_trace
from .animation import folds
from .svg import BOLD, WIDTH, Picture, card, legend, nothing_ran, text_at
from .tables import DECIDES, MOST_ROWS, Table, cost_table, table
from .text import calls_text, columns, dollars, pad, seconds_text
from .timeline_axis import Axis, Row, rows_of

__all__ = ["Picture", "Table", "cost_table", "dollars", "table", "timeline"]


def timeline(trace: Trace, width: int = WIDTH) -> Picture:
    """A Picture of what ran when: a row for each agent, under the agent that started it, a bar for
    each API call.

    Of several calls, those on the critical path are marked: they decided how long the whole took.
    In a notebook it can be played: the folds below the picture show the same run in its own
    seconds, and 10× as fast.
    """
    rows = list(rows_of(require_trace(trace)))
    if not rows:
        return nothing_ran(width)
    end = max(round(trace.seconds, 3), *(row.end for row in rows))
    failed = sum(map(has_failed, trace.calls))
    heading = f"{seconds_text(end)} s in all · {calls_text(trace.calls)}" + (
        f" · {failed} failed" if failed else ""
    )
    key = f" · {DECIDES}" if any(row.is_decisive for row in rows) else ""
    more = (
        f"and {len(rows) - MOST_ROWS:,} more, until {seconds_text(end)} s"
        if len(rows) > MOST_ROWS
        else ""
    )
    if more:
        more += " ◀" if any(row.is_decisive for row in rows[MOST_ROWS:]) else ""
        rows = rows[:MOST_ROWS]
        # on an axis for all of them, the bars would be too short to tell apart
        end = max(row.end for row in rows)
    text = "\n".join([f"timeline · {heading}{key}", *_lines(rows, end), *([more] if more else [])])
    axis = Axis(rows, end, width, more)
    calls = [call for row in rows for call, _ in row.spells]
    samples, height = legend(calls, axis.bottom + 46, width, "◀" in text)
    parts = [
        text_at(16, 28, heading, style=BOLD),
        *axis.grid(),
        *axis.names(),
        *axis.bars(),
        *axis.said(),
        *samples,
    ]
    return card(parts, height, width, text, "" if more else folds(axis))


def _lines(rows: list[Row], end: float) -> list[str]:
    labels = ["  " * row.depth + row.label for row in rows]
    notes = [row.note.partition(" · ") for row in rows]
    lines = []
    for label, row, (seconds, dot, more) in zip(labels, rows, notes, strict=True):
        cells = ["·"] * 40
        spells = [
            ("▒" if has_failed(call) else "█", call.start, call.end) for call, _ in row.spells
        ]
        for mark, *times in [("─", row.start, row.end), *spells]:
            first, last = (int(round(time, 3) / (end or 1) * 40 + 0.5) for time in times)
            first = min(first, 39)
            cells[first : max(first + 1, last)] = mark * max(1, last - first)
        seconds = pad(seconds, max(len(note[0]) for note in notes), right=True)
        mark = " ◀" if row.is_decisive else ""
        lines.append(
            f"{pad(label, max(map(columns, labels)))}  {''.join(cells)}  {seconds}{dot}{more}{mark}"
        )
    return lines
