"""Charts of many runs: how they ended, how long they took, a value for each pair of two things."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from .palette import (
    FAILED,
    FAILED_INK,
    FAILED_PAPER,
    FAINT_INK,
    GRID,
    HEAT,
    INK,
    INK_ON_COLOUR,
)
from .svg import (
    BOLD,
    MARGIN,
    MIDDLE,
    NARROW,
    SMALL,
    SMALL_SHARE,
    WIDTH,
    Drawing,
    Picture,
    build_picture,
    draw_text,
    fit_text,
    number,
    round_numbers,
    text_width,
)
from .text import count_text, pad

MOST_BINS, TEXT_BAR = 24, 40
# pixels
ROW, BAR, CHART, AXIS = 26, 16, 150, 24
BESIDE = 14  # between a name, its bar and its number
CELL_HEIGHT, LEAST_CELL = 30, 44
LEGEND_ROW, LEGEND_ROOM = 20, 6  # pixels; names, for which there is room whatever is counted


def bar_chart(
    counts: Mapping[str, float],
    *,
    bad: Sequence[str] = (),
    title: str = "",
    write: Callable[[float], str] = "{:,}".format,
) -> Picture:
    """A Picture with a bar for each name, as long as its count: `bar_chart({"complete": 120,
    "gaps named": 60, "AllWorkersFailed": 20}, bad=["AllWorkersFailed"])`.

    Those named in `bad` are striped, as failed calls are. What is no count gets a title, and
    `write` says how its numbers are written: `bar_chart(usd_by_agent, title="the bill",
    write=dollars)`. Raises ValueError for no counts at all.
    """
    _require(counts)
    heading = title or count_text(int(sum(counts.values())), "run")
    label = max(map(len, counts))
    most = max(counts.values()) or 1
    shown = {name: write(count) for name, count in counts.items()}
    lines = [heading]
    for name, count in counts.items():
        bar = ("▒" if name in bad else "█") * math.ceil(TEXT_BAR * count / most)
        lines.append(f"{pad(name, label)}  {pad(bar, TEXT_BAR)}  {shown[name]}")
    wide, narrow = (_draw_bars(counts, shown, bad, heading, width) for width in (WIDTH, NARROW))
    return build_picture("\n".join(lines), wide, narrow)


def _draw_bars(
    counts: Mapping[str, float],
    shown: Mapping[str, str],
    bad: Sequence[str],
    heading: str,
    width: int,
) -> Drawing:
    names = {name: fit_text(name, width * 0.45) for name in counts}
    left = MARGIN + max(map(text_width, names.values())) + BESIDE
    room = width - left - BESIDE - MARGIN - max(map(text_width, shown.values()))
    scale = room / (max(counts.values()) or 1)
    parts, y = [draw_text(MARGIN, 28, heading, style=BOLD)], 44
    for name, count in counts.items():
        ink = FAILED_INK if name in bad else INK
        parts.append(draw_text(MARGIN, y + 13, names[name], ink))
        parts += _draw_bar(left, y, count * scale, name in bad)
        parts.append(draw_text(left + count * scale + 8, y + 13, shown[name], FAINT_INK))
        y += ROW
    return Drawing(parts, width, y + 12)


def _draw_bar(x: float, y: float, width: float, is_bad: bool, shade: str = HEAT[3]) -> list[str]:
    fill, edge = (FAILED_PAPER, FAILED) if is_bad else (shade, FAINT_INK)
    box = f'x="{number(x)}" y="{y}" width="{number(width)}" height="{BAR}"'
    parts = [f'<rect class="bar" {box} rx="2" fill="{fill}" stroke="{edge}"/>']
    if is_bad and width > 4:
        line = f'd="M{number(x + 2)} {y + BAR / 2:g}h{number(width - 4)}"'
        dashes = f'stroke-width="{BAR - 2}" stroke-dasharray="4 3"'
        parts.append(f'<path {line} stroke="{FAILED}" {dashes}/>')
    return parts


def stacked_bar(counts: Mapping[str, int], *, bad: Sequence[str] = (), title: str = "") -> Picture:
    """A Picture of one bar, as wide as all of them, with a part for each name: `stacked_bar({
    "complete": 170, "gaps named": 20, "ReplyRefused": 10}, bad=["ReplyRefused"])`.

    Those named in `bad` are striped. The size stays the same for up to six names, whatever the
    counts, so that what is below keeps its place. Raises ValueError for no names at all.
    """
    _require(counts)
    heading = title or count_text(sum(counts.values()), "run")
    shares = _bar_shares(counts, TEXT_BAR)
    signs = dict(zip(counts, "█▓░" + "·" * len(counts), strict=False))
    bar = "".join(("▒" if name in bad else signs[name]) * round(shares[name]) for name in counts)
    lines = [heading, bar, *(f"{name}: {count:,}" for name, count in counts.items())]
    wide, narrow = (_draw_stack(counts, bad, heading, width) for width in (WIDTH, NARROW))
    return build_picture("\n".join(lines), wide, narrow)


def _draw_stack(counts: Mapping[str, int], bad: Sequence[str], heading: str, width: int) -> Drawing:
    columns = 2 if width == WIDTH else 1
    column = (width - 2 * MARGIN) / columns
    shades = {
        name: HEAT[1 + 2 * place % (len(HEAT) - 1)]
        for place, name in enumerate(name for name in counts if name not in bad)
    }
    parts, x = [draw_text(MARGIN, 28, heading, style=BOLD)], float(MARGIN)
    for name, share in _bar_shares(counts, width - 2 * MARGIN).items():
        if share:
            parts += _draw_bar(x, 42, share, name in bad, shades.get(name, ""))
        x += share
    for place, (name, count) in enumerate(counts.items()):
        x, y = MARGIN + place % columns * column, 78 + place // columns * LEGEND_ROW
        number_text = f"{count:,}"
        label = fit_text(name, column - 34 - text_width(number_text) - 8)
        parts += _draw_bar(x, y - 12, 18, name in bad, shades.get(name, ""))
        parts.append(draw_text(x + 26, y, label, FAILED_INK if name in bad else INK))
        parts.append(draw_text(x + 34 + text_width(label), y, number_text, FAINT_INK))
    rows = math.ceil(max(len(counts), LEGEND_ROOM) / columns)
    return Drawing(parts, width, 78 + (rows - 1) * LEGEND_ROW + 16)


def _bar_shares(counts: Mapping[str, int], width: float) -> dict[str, float]:
    """What of this width is whose."""
    scale = width / max(sum(counts.values()), 1)
    return {name: count * scale for name, count in counts.items()}


def histogram(
    values: Sequence[float],
    *,
    unit: str = "s",
    marks: Mapping[str, float] | None = None,
    title: str = "",
) -> Picture:
    """A Picture of how often each size occurs: `histogram(seconds, marks={"p50": 12.0, "p95":
    31.5})`.

    The bins are round numbers wide; `marks` are lines with their names. Raises ValueError for no
    values.
    """
    _require(values)
    marks = dict(marks or {})
    low, high = min([0.0, *values]), max([*values, *marks.values()])
    width = _bin_width(high - low)
    first = math.floor(low / width)
    counts = [0] * (math.floor(high / width + 1e-9) - first + 1)
    for value in values:
        counts[math.floor(value / width + 1e-9) - first] += 1
    edges = [round((first + place) * width, 9) for place in range(len(counts) + 1)]
    heading = title or count_text(len(values), "run")
    lines = [heading]
    label = max(len(f"{edge:g}") for edge in edges)
    for low_edge, high_edge, count in zip(edges, edges[1:], counts, strict=False):
        span = f"{low_edge:>{label}g} to {high_edge:>{label}g} {unit}"
        lines.append(f"{span}  {'█' * math.ceil(TEXT_BAR * count / max(counts))}  {count:,}")
    lines += [f"{name}: {value:g} {unit}" for name, value in marks.items()]
    wide, narrow = (
        _draw_bins(counts, edges, unit, marks, heading, width) for width in (WIDTH, NARROW)
    )
    return build_picture("\n".join(lines), wide, narrow)


def _bin_width(span: float) -> float:
    """A round number, so that there are 24 bins at most."""
    steps = (digit * 10.0**power for power in range(-6, 12) for digit in (1, 2, 5))
    return next(step for step in steps if (span or 1) / step <= MOST_BINS)


def _draw_bins(
    counts: Sequence[int],
    edges: Sequence[float],
    unit: str,
    marks: Mapping[str, float],
    heading: str,
    width: int,
) -> Drawing:
    top = 48 + 16 * len(marks)
    left, bottom = MARGIN + text_width(f"{max(counts):,}") + 8, top + CHART
    scale = (width - left - 2 * MARGIN) / (edges[-1] - edges[0])

    def x(value: float) -> float:
        return left + (value - edges[0]) * scale

    parts = [draw_text(MARGIN, 28, heading, style=BOLD)]
    for count in round_numbers(max(counts), 4):
        if count != int(count):
            continue
        y = bottom - CHART * count / max(counts)
        parts.append(f'<path d="M{left} {number(y)}H{width - MARGIN}" stroke="{GRID}"/>')
        parts.append(draw_text(left - 6, y + 4, f"{count:,g}", FAINT_INK, "text-anchor:end"))
    for place, count in enumerate(counts):
        height = CHART * count / max(counts)
        box = f'x="{number(x(edges[place]) + 0.5)}" y="{number(bottom - height)}"'
        size = f'width="{number((edges[1] - edges[0]) * scale - 1)}" height="{number(height)}"'
        if count:
            look = f'fill="{HEAT[3]}" stroke="{FAINT_INK}"'
            parts.append(f'<rect class="bin" {box} {size} {look}/>')
    every = math.ceil(len(edges) / max(2, int((width - left) / 70)))
    for edge in edges[::every]:
        parts.append(draw_text(x(edge), bottom + 18, f"{edge:g} {unit}", FAINT_INK, MIDDLE))
    for place, (name, value) in enumerate(marks.items()):
        y = 50 + 16 * place
        text = f"{name} {value:g} {unit}"
        ends_right = x(value) + 6 + text_width(text) > width - 8
        line = f'd="M{number(x(value))} {y - 6}V{bottom}"'
        parts.append(f'<path {line} stroke="{INK}" stroke-width="1.5" stroke-dasharray="4 3"/>')
        style = "text-anchor:end" if ends_right else ""
        parts.append(draw_text(x(value) + (-6 if ends_right else 6), y + 2, text, INK, style))
    return Drawing(parts, width, bottom + AXIS + 12)


def heat_map(
    rows: Mapping[str, Mapping[str, float | str]], *, bad: Sequence[str] = (), title: str = ""
) -> Picture:
    """A Picture with a cell for each row and column: `heat_map({"timeout": {"planner":
    "InvalidPlan", "worker": "gap named"}}, bad=["InvalidPlan"])`.

    Numbers from 0 to 1 are shaded, the darker the more; words are written, and those in `bad` have
    the look of a failure. A cell that is missing stays empty. Raises ValueError for no rows.
    """
    _require(rows)
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    shown = [[_cell_text(row.get(column, "")) for column in columns] for row in rows.values()]
    label = max(map(len, rows))
    widths = [
        max(map(len, [column, *cells])) for column, *cells in zip(columns, *shown, strict=True)
    ]
    head = "  ".join(pad(column, width) for column, width in zip(columns, widths, strict=True))
    lines = [*filter(None, [title]), f"{' ' * label}  {head}".rstrip()]
    for name, cells in zip(rows, shown, strict=True):
        line = "  ".join(pad(cell, width) for cell, width in zip(cells, widths, strict=True))
        lines.append(f"{pad(name, label)}  {line}".rstrip())
    return build_picture("\n".join(lines), _draw_cells(rows, columns, bad, title))


def _cell_text(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.2f}"


def _draw_cells(
    rows: Mapping[str, Mapping[str, float | str]],
    columns: list[str],
    bad: Sequence[str],
    title: str,
) -> Drawing:
    left = MARGIN + max(map(text_width, rows)) + BESIDE
    small = [
        max(
            text_width(text)
            for text in [column, *(_cell_text(r.get(column, "")) for r in rows.values())]
        )
        for column in columns
    ]
    widths = [max(LEAST_CELL, round(width * SMALL_SHARE) + 14) for width in small]
    y = 62 if title else 36
    parts = [draw_text(MARGIN, 28, title, style=BOLD)] if title else []
    x = float(left)
    for column, width in zip(columns, widths, strict=True):
        parts.append(draw_text(x + width / 2, y - 8, column, FAINT_INK, f"{SMALL};{MIDDLE}"))
        x += width
    for name, row in rows.items():
        parts.append(draw_text(MARGIN, y + 19, name))
        x = float(left)
        for column, width in zip(columns, widths, strict=True):
            if column in row:
                parts += _draw_cell(row[column], x, y, width, row[column] in bad)
            x += width
        y += CELL_HEIGHT
    return Drawing(parts, max(round(x) + MARGIN, text_width(title) + 2 * MARGIN), y + 12)


def _draw_cell(value: float | str, x: float, y: float, width: int, is_bad: bool) -> list[str]:
    fill, ink, text = GRID, INK, _cell_text(value)  # dark where the page is
    if not isinstance(value, str):
        fill = HEAT[min(len(HEAT) - 1, max(0, int(value * len(HEAT))))]
        ink = INK_ON_COLOUR
    if is_bad:
        fill, ink, text = FAILED_PAPER, FAILED_INK, f"✗ {text}"
    box = f'x="{number(x + 1)}" y="{y + 1}" width="{width - 2}" height="{CELL_HEIGHT - 2}"'
    cell = f'<rect class="cell" {box} rx="3" fill="{fill}"/>'
    return [cell, draw_text(x + width / 2, y + 19, text, ink, f"{SMALL};{MIDDLE}")]


def _require(values: Mapping[str, object] | Sequence[float]) -> None:
    if not values:
        raise ValueError("There is nothing to draw: no value was given.")
