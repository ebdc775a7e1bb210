"""Who said what to whom, and what each call was given to read: drawn from the prompts and answers
in a trace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..bench.tracing.call import Call, conversations, has_failed
from ..bench.tracing.spans import Trace, require_trace
from . import svg as draw
from .flow_layout import Arrow, Box, build_graph, lay_out
from .palette import (
    BOX,
    FAILED,
    FAILED_INK,
    FAILED_PAPER,
    FAINT_INK,
    GRID,
    INK,
    LINE,
    PAPER,
    SOURCES,
    YOURS,
)
from .provenance import YOU, word_sources
from .svg import BOLD, MIDDLE, SMALL, WIDTH, Picture, fitting, pixels, text_at
from .tables import MOST_ROWS, name_of
from .text import calls_text, columns, cut, pad, seconds_text, words_text

__all__ = ["context", "flow"]

EDGE = f'stroke="{FAINT_INK}"'
# more sources are folded into one; wider lists are not waited for by the others
MOST_SOURCES, WIDEST = (16, 60)


def flow(trace: Trace, width: int = WIDTH) -> Picture:
    """A Picture of who said what to whom: a box for each call, arrows with the number of words
    handed on.

    A call heard an earlier one if that one's answer is in its prompt; the other words of the prompt
    came from "you". An answer that was put into other words, or that only steers the program, as a
    router's does, leaves no arrow but the one to "answer". The steps of a tool loop are one box.
    Wider than `width` where more than three calls hear one another in a row.
    """
    calls = conversations(require_trace(trace).calls)
    if not calls:
        return draw.nothing_ran(width)
    boxes, arrows = build_graph(calls)
    heading = f"{seconds_text(round(trace.seconds, 3))} s in all · {calls_text(trace.calls)}"
    failed = [f"{box.title} ✗ {box.error}" for box in boxes if box.error]
    more = [f"and {len(arrows) - MOST_ROWS:,} more arrows"] if len(arrows) > MOST_ROWS else []
    lines = [f"flow · {heading}", *map(str, arrows[:MOST_ROWS]), *more, *failed]
    width, bottom = lay_out(boxes, arrows, width)
    parts = [
        text_at(16, 28, heading, style=BOLD),
        text_at(16, 46, "numbers: words handed on", FAINT_INK, SMALL),
    ]
    parts += [part for arrow in arrows for part in _arrow(arrow)]
    parts += [part for box in boxes for part in _box(box)]
    samples, height = draw.legend(calls, round(bottom) + 32, width)
    return draw.card(parts + samples, height, width, "\n".join(lines))


def _arrow(arrow: Arrow) -> Iterator[str]:
    """Level where it passes a column, bent only between two columns, so that it crosses no box."""
    (x, y), *points = arrow.points
    widest = max(pixels(f"{other.words:,}") for other in arrow.target.heard_from)
    path = f"M{x:.1f} {y:.1f}"
    for number, (to_x, to_y) in enumerate(points):
        is_last = number == len(points) - 1
        # from where on the number stands above the line
        level = to_x - min(widest + 8, 0.6 * (to_x - x)) * is_last
        bend = (x + level) / 2
        curve = f"C{bend:.1f} {y:.1f} {bend:.1f} {to_y:.1f} {level:.1f} {to_y:.1f}"
        path += f"H{to_x:.1f}" if number % 2 else curve + f"H{to_x - 5:.1f}" * is_last
        x, y = to_x, to_y
    colour = FAINT_INK if arrow.source.calls else LINE
    yield f'<path class="arrow" d="{path}" stroke="{colour}" stroke-width="1.5" fill="none"/>'
    yield f'<path d="M{x:.1f} {y:.1f}l-8 -4v8z" fill="{colour}"/>'
    halo = f"{SMALL};text-anchor:end;paint-order:stroke;stroke:{PAPER};stroke-width:4px;stroke-linejoin:round"
    yield text_at(x - 11, round(y - 3.5, 1), f"{arrow.words:,}", INK, halo)


def _box(box: Box) -> Iterator[str]:
    fill, edge = (FAILED_PAPER, FAILED) if box.error else (BOX if box.calls else YOURS, LINE)
    shape = f'x="{box.x:.1f}" y="{box.y - box.height / 2:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
    yield f'<rect class="box" {shape} rx="6" fill="{fill}" stroke="{edge}"/>'
    if not box.calls:
        yield text_at(box.x + box.width / 2, round(box.y + 4.5, 1), box.name, style=MIDDLE)
        return
    failed = next((call for call in box.calls if has_failed(call)), box.calls[0])
    seconds = f"{'✗ ' if box.error else ''}{box.seconds}"
    lines = [f"{box.model} · {seconds}"] if box.width >= 150 else [box.model, seconds]
    top = round(box.y + 5 - 9 * len(lines), 1)
    yield draw.edged([draw.bar(box.x + 10, round(box.y + 8.5, 1), 8, failed)])
    yield text_at(box.x + 10, top, fitting(box.name, box.width - 16, box.number), style=BOLD)
    for number, line in enumerate(lines):
        ink = FAILED_INK if "✗" in line else FAINT_INK
        yield text_at(
            box.x + 24,
            top + 17 + 15 * number,
            fitting(line, (box.width - 26) * 13 / 12),
            ink,
            SMALL,
        )


def context(trace: Trace, width: int = WIDTH) -> Picture:
    """A Picture of what each call was given to read: words from "you", from which earlier agent,
    from its tools.

    A row for each call, in order of start; system prompts are left out. What counts as heard: see
    `flow`.
    """
    calls = require_trace(trace).calls
    if not calls:
        return draw.nothing_ran(width)
    shown = calls[:MOST_ROWS]
    rows = [_by_name(told, shown) for told in word_sources(shown)]
    rows = [
        row | ({"tools": len(c.told.split())} if c.told else {})
        for row, c in zip(rows, shown, strict=True)
    ]
    heading = (
        f"{words_text(sum(sum(row.values()) for row in rows))} given to read · {calls_text(shown)}"
    )
    more = f"and {len(calls) - MOST_ROWS:,} more calls" if len(calls) > MOST_ROWS else ""
    names, notes = (
        [name_of(call) for call in shown],
        [words_text(sum(row.values())) for row in rows],
    )
    told = [
        " · ".join(f"{name} {words:,}" for name, words in row.items()) or "nothing" for row in rows
    ]
    wide = [max(min(columns(cell), WIDEST) for cell in cells) for cells in (names, told, notes)]
    failed = [f" · ✗ {cut(call.error)}" if has_failed(call) else "" for call in shown]
    lines = [
        f"{pad(name, wide[0])}   {pad(said, wide[1])}   {pad(note, wide[2], right=True)}{error}"
        for name, said, note, error in zip(names, told, notes, failed, strict=True)
    ]
    text = "\n".join([f"context · {heading}", *lines, *([more] if more else [])])
    notes = [note + error for note, error in zip(notes, failed, strict=True)]
    return draw.card(*_rows(names, rows, notes, heading, more, width), width, text)


def _by_name(told: dict[int, int], calls: Sequence[Call]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for i, words in told.items():
        counts["you" if i == YOU else name_of(calls[i])] += words
    rest = list(counts)[MOST_SOURCES - 1 :] if len(counts) > MOST_SOURCES else []
    return {name: counts[name] for name in counts if name not in rest} | (
        {f"{len(rest)} more": sum(counts[name] for name in rest)} if rest else {}
    )


def _rows(
    names: list[str],
    rows: list[dict[str, int]],
    notes: list[str],
    heading: str,
    more: str,
    width: int,
) -> tuple[list[str], int]:
    """What is in the SVG, and how high it is."""
    left, y = 30 + max(map(pixels, names)), 50
    totals = [sum(row.values()) for row in rows]
    room = [
        (width - left - 24 - pixels(note)) / max(1, total)
        for note, total in zip(notes, totals, strict=True)
    ]
    scale = min([*room, 160.0])  # pixels a word
    sources = dict.fromkeys(source for row in rows for source in row if source != "you")
    colours = {source: SOURCES[number % len(SOURCES)] for number, source in enumerate(sources)} | {
        "you": YOURS
    }
    drawn = []
    for name, row, note in zip(names, rows, notes, strict=True):
        parts, deep = _row(row, note, (colours, left, scale, width), y)
        drawn += [text_at(16, y + 18.5, name), *parts]
        y += deep
    drawn += [text_at(16, y + 16, more)] if more else []
    y += 22 if more else 0
    grid = []
    ticks = draw.ticks(max(totals), max(1, min(7, max(totals), int(max(totals) * scale / 70))))
    for tick in ticks:
        x, label = left + tick * scale, words_text(int(tick)) if tick == ticks[-1] else f"{tick:,g}"
        grid.append(f'<path d="M{x:.1f} 46V{y + 4}" stroke="{GRID}"/>')
        grid.append(text_at(x, y + 20, label, FAINT_INK, MIDDLE))
    return [text_at(16, 28, heading, style=BOLD), *grid, *drawn], y + 36


def _row(
    row: dict[str, int], note: str, common: tuple[dict[str, str], int, float, int], y: int
) -> tuple[list[str], int]:
    """One bar, its labels inside where they fit, else behind it or below; and the height of the
    row.
    """
    colours, left, scale, width = common
    parts, x, outside = [], float(left), []
    for source, words in row.items():
        label = f"{source} {words:,}"
        long, space = round(pixels(label) * 12 / 13), words * scale
        shape = f'x="{x:.1f}" y="{y + 5}" width="{space:.1f}" height="18" fill="{colours[source]}"'
        parts.append(f'<rect class="source" {shape} {EDGE}/>')
        if long + 8 <= space:
            parts.append(text_at(x + 5, y + 18, label, style=SMALL))
        else:
            outside.append((label, long + 28, colours[source]))
        x += space
    parts.append(text_at(x + 8, y + 18.5, note, FAILED_INK if "✗" in note else FAINT_INK))
    at, deep = x + 24 + pixels(note), 30
    if at + sum(long for _, long, _ in outside) > width:
        at, deep = float(left), 48
    for label, long, colour in outside:
        if deep > 30 and at > left and at + long > width:
            at, deep = float(left), deep + 16
        parts.append(
            f'<rect x="{at:.1f}" y="{y + deep - 20}" width="9" height="9" fill="{colour}" {EDGE}/>'
        )
        parts.append(text_at(at + 14, y + deep - 12, label, style=SMALL))
        at += long
    return parts, deep + 2 * (deep > 30)
