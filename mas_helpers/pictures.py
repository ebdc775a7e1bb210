"""What people look at: the timeline of a trace, and tables. Plain SVG and HTML, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from .calls import Call
from .rows import Row, has_failed, rows_of
from .tables import (
    DECIDES,
    MOST_ROWS,
    NOTHING_RAN,
    RUN_INSIDE,
    Picture,
    Table,
    calls_text,
    checked,
    columns,
    cost_table,
    dollars,
    pad,
    seconds_text,
    short_model,
    spoken,
    table,
)  # fmt: skip
from .trace import Trace

__all__ = ["Picture", "Table", "cost_table", "dollars", "table", "timeline"]

PAPER, INK, FAINT_INK, LINE, GRID = "#f8fafc", "#1b2330", "#4d5866", "#808b99", "#dde3ea"
FAILED, FAILED_INK, FAILED_PAPER = "#d55e00", "#9a3c00", "#fce4d2"
# From the palette of Okabe and Ito, which people with any colour vision can tell apart (jfly.uni-koeln.de/color).
COLOURS = {"haiku": "#56b4e9", "sonnet": "#009e73", "opus": "#cc79a7"}
OTHER_COLOUR = "#a0a0a0"
FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"


def timeline(trace: Trace, width: int = 680) -> Picture:
    """A Picture of what ran when: a row for each agent, under the agent that started it, a bar for each API call.

    Of several calls, those on the critical path are marked: they decided how long the whole took.
    """
    rows = list(rows_of(checked(trace)))
    if not rows:
        return nothing_ran(width)
    end = max(round(trace.seconds, 3), *(row.end for row in rows))
    failed = sum(map(has_failed, trace.calls))
    heading = f"{seconds_text(end)} s in all · {calls_text(trace.calls)}" + (f" · {failed} failed" if failed else "")
    key = f" · {DECIDES}" if any(row.is_decisive for row in rows) else ""
    more = f"and {len(rows) - MOST_ROWS:,} more, until {seconds_text(end)} s" if len(rows) > MOST_ROWS else ""
    if more:
        more += " ◀" if any(row.is_decisive for row in rows[MOST_ROWS:]) else ""
        rows = rows[:MOST_ROWS]
        end = max(row.end for row in rows)  # on an axis for all of them, the bars would be too short to tell apart
    text = "\n".join([f"timeline · {heading}{key}", *_lines(rows, end), *([more] if more else [])])
    return card(*_parts(heading, rows, end, more, width), width, text)


def nothing_ran(width: int) -> Picture:
    hint = [text_at(16, 30, NOTHING_RAN), text_at(16, 56, RUN_INSIDE, INK, "font-family:monospace")]
    return card(hint, 76, width, f"{NOTHING_RAN}\n{RUN_INSIDE}")


def _lines(rows: list[Row], end: float) -> list[str]:
    labels = ["  " * row.depth + row.label for row in rows]
    notes = [row.note.partition(" · ") for row in rows]
    lines = []
    for label, row, (seconds, dot, more) in zip(labels, rows, notes, strict=True):
        cells = ["·"] * 40
        spells = [("▒" if has_failed(call) else "█", call.start, call.end) for call, _ in row.spells]
        for mark, *times in [("─", row.start, row.end), *spells]:
            first, last = (int(round(time, 3) / (end or 1) * 40 + 0.5) for time in times)
            first = min(first, 39)
            cells[first : max(first + 1, last)] = mark * max(1, last - first)
        seconds = pad(seconds, max(len(note[0]) for note in notes), right=True)
        mark = " ◀" if row.is_decisive else ""
        lines.append(f"{pad(label, max(map(columns, labels)))}  {''.join(cells)}  {seconds}{dot}{more}{mark}")
    return lines


def _parts(heading: str, rows: list[Row], end: float, more: str, width: int) -> tuple[list[str], int]:
    """What is in the SVG, and how high it is."""
    many = len(rows) > 12
    pitch, top = (22, 72) if many else (28, 50)
    bottom = top + pitch * (len(rows) + bool(more))
    left = 30 + max(pixels(row.label) + 16 * row.depth for row in rows)
    room = [(width - left - 20 - pixels(row.note), row.end) for row in rows] + [(width - left - 30, end)]
    scale = max(80 / (end or 1), min(space / max(stop, end / 20, 0.001) for space, stop in room))  # pixels a second
    parts = [text_at(16, 28, heading, INK, "font-weight:600")]
    for tick in ticks(end, max(1, min(7, int(end * scale / 60)))):
        x = left + tick * scale
        parts.append(f'<path d="M{x:.1f} {top - 4}V{bottom + 4}" stroke="{GRID}"/>')
        for y in [bottom + 20, top - 12] if many else [bottom + 20]:
            parts.append(text_at(x, y, f"{tick:g} s", FAINT_INK, "text-anchor:middle"))
    above = [0.0] * 7
    for number, row in enumerate(rows):
        y = above[row.depth] = top + pitch * (number + 0.5)
        indent = 16 * row.depth
        if row.depth:
            elbow = f"M{indent + 6.5} {above[row.depth - 1] + 10:g}V{y + 0.5:g}h6"
            parts.append(f'<path d="{elbow}" stroke="{LINE}" fill="none"/>')
        parts.append(text_at(16 + indent, y + 4.5, row.label))
        parts += _bars(row, y, left, scale)
    parts += [text_at(16, bottom - 6, more)] if more else []
    decides = "◀" in more or any(row.is_decisive for row in rows)
    samples, height = legend([call for row in rows for call, _ in row.spells], bottom + 46, width, decides)
    return parts + samples, height


def _bars(row: Row, y: float, left: float, scale: float) -> Iterator[str]:
    start, end = left + row.start * scale, left + row.end * scale
    line = f"M{start:.1f} {y - 4:g}v8m0-4H{end:.1f}m0-4v8"
    yield f'<path class="agent" d="{line}" stroke="{LINE}" stroke-width="2" fill="none"/>'
    for call, decides in row.spells:
        begin, stop = (left + round(seconds, 3) * scale for seconds in (call.start, call.end))
        yield bar(begin, y, max(2.0, stop - begin), call)
        yield _underline(begin, y, stop - begin) if decides else ""
    yield text_at(end + 8, y + 4.5, row.note, FAILED_INK if "✗" in row.note else FAINT_INK)


def bar(x: float, y: float, width: float, call: Call) -> str:
    """Solid for a call that was answered, striped for one that failed, pale stripes for one that still runs."""
    fill = next((colour for name, colour in COLOURS.items() if name in call.model), OTHER_COLOUR)
    edge, stripe, dashes = f'stroke="{INK}" stroke-opacity="0.6"', PAPER, "2 6"
    if has_failed(call):
        fill, edge, stripe, dashes = FAILED_PAPER, f'stroke="{FAILED}"', FAILED, "4 3"
    box = f'x="{x:.1f}" y="{y - 8:g}" width="{width:.1f}" height="16" rx="3" fill="{fill}" {edge}'
    over = f'd="M{x + 1:.1f} {y:g}h{width - 2:.1f}" stroke="{stripe}" stroke-width="15" stroke-dasharray="{dashes}"'
    return f'<rect class="call" {box}/>' + (f"<path {over}/>" if call.error else "")


def _underline(x: float, y: float, width: float) -> str:
    return f'<path class="decides" d="M{x:.1f} {y + 10.5:g}h{max(4.0, width):.1f}" stroke="{INK}" stroke-width="3"/>'


def legend(calls: list[Call], y: int, width: int, decides: bool = False) -> tuple[list[str], int]:
    """A swatch for each model, drawn like one of its bars; and the y at which the picture ends."""
    answered_last = sorted(calls, key=lambda call: call.error, reverse=True)
    samples = {"failed" if has_failed(call) else short_model(call): call for call in answered_last}
    names = sorted(samples, key=lambda name: (name == "failed", name))
    parts, x = ['<g class="legend">'], 16
    for name in [*names, DECIDES] if decides else names:
        shown = name.removeprefix("◀ ")
        if x > 16 and x + 42 + pixels(shown) > width:
            x, y = 16, y + 22
        parts += [_underline(x, y - 15, 18) if name == DECIDES else bar(x, y - 4.5, 18, samples[name])]
        parts += [text_at(x + 26, y, shown, FAINT_INK)]
        x += 46 + pixels(shown)
    return [*parts, "</g>"], y + 18 if names else y - 12


def card(parts: list[str], height: int, width: int, text: str) -> Picture:
    """The Picture with these parts on a light card, which can be read in a dark theme as well."""
    alt = spoken(text)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" font-family="{FONT}" font-size="13"><title>{alt.split("; ")[0]}</title><desc>{alt}</desc>'
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8" fill="{PAPER}" stroke="#d0d7de"/>'
        f"{''.join(parts)}</svg>"
    )
    return Picture(svg, text)


def text_at(x: float, y: float, text: str, fill: str = INK, style: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:g}" fill="{fill}" style="{style}">{escape(text)}</text>'


def ticks(end: float, most: int) -> list[float]:
    """Round numbers from 0 to the end, up to so many after the 0."""
    steps = (digit * 10.0**power for power in range(-3, 9) for digit in (1, 2, 5))
    step = next(step for step in steps if end / step <= most)
    return [round(i * step, 3) for i in range(int(end / step + 1e-9) + 1)]


def pixels(text: str) -> int:
    return round(7.6 * columns(text) + 3 * sum(map(str.isupper, text)))  # at 13 px, in the widest of the usual fonts
