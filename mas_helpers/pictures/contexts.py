"""What each call of a trace was given to read, and from whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..bench.tracing.call import Call
from ..bench.tracing.spans import Trace, require_trace
from .outcomes import failure
from .palette import FAILED_INK, FAINT_INK, GRID, INK_ON_COLOUR, SOURCES, YOURS
from .provenance import YOU, word_sources
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
    nothing_ran,
    round_numbers,
    text_width,
)
from .tables import MOST_ROWS
from .text import call_name, column_count, count_text, pad

EDGE = f'stroke="{FAINT_INK}"'
MOST_SOURCES = 16  # more sources are folded into one
WIDEST = 60  # columns in the text form; a wider list is not waited for by the others
# pixels
ABOVE = 16  # the height of a name above its bar
TOP = 50  # where the first row begins
ROW, TALL_ROW = 30, 50  # the height of a row; of one with labels in a line below its bar, at least
MORE_LABELS = 16  # the height of each further line of labels
FOLDED_ROW = 22  # the height of the line that says how many more there are
MOST_SCALE = 160.0  # pixels a word


def context(trace: Trace, width: int = WIDTH) -> Picture:
    """A Picture of what each call was given to read: words from "you", from which earlier agent,
    from its tools.

    A row for each call, in order of start; system prompts are left out. What counts as heard: see
    `flow`.
    """
    calls = require_trace(trace).calls
    if not calls:
        return nothing_ran(width)
    rows, more = _build_rows(calls[:MOST_ROWS]), ""
    if len(calls) > MOST_ROWS:
        more = f"and {len(calls) - MOST_ROWS:,} more calls"
    words = count_text(sum(row.total for row in rows), "word")
    heading = f"{words} given to read · {count_text(len(rows), 'call')}"
    text = "\n".join(filter(None, [f"context · {heading}", *_text_rows(rows), more]))
    wide = Chart(rows, width).draw(heading, more)
    if width <= NARROW:
        return build_picture(text, wide)
    return build_picture(text, wide, Chart(rows, NARROW, names_above=True).draw(heading, more))


@dataclass(frozen=True)
class ContextRow:
    """What one call was given to read: its words by source, as in `{"you": 9, "bugs": 45}`."""

    name: str
    words: dict[str, int]
    error: str = ""

    @property
    def total(self) -> int:
        return sum(self.words.values())

    @property
    def note(self) -> str:
        """`"54 words · ✗ timeout"`."""
        return count_text(self.total, "word") + self.failure

    @property
    def failure(self) -> str:
        return f" · ✗ {self.error}" if self.error else ""

    @property
    def sources(self) -> str:
        """`"you 9 · bugs 45"`."""
        return " · ".join(f"{name} {words:,}" for name, words in self.words.items()) or "nothing"


def _build_rows(calls: Sequence[Call]) -> list[ContextRow]:
    rows = []
    for call, heard in zip(calls, word_sources(calls), strict=True):
        words = _by_name(heard, calls)
        if call.tool_results:
            words["tools"] = len(call.tool_results.split())
        rows.append(ContextRow(call_name(call), words, failure(call)))
    return rows


def _by_name(heard: dict[int, int], calls: Sequence[Call]) -> dict[str, int]:
    """Words by the name of who said them; of many names, the last ones are folded into one."""
    counts: Counter[str] = Counter()
    for source, words in heard.items():
        counts["you" if source == YOU else call_name(calls[source])] += words
    if len(counts) <= MOST_SOURCES:
        return dict(counts)
    names = list(counts)
    kept, folded = names[: MOST_SOURCES - 1], names[MOST_SOURCES - 1 :]
    rest = {f"{len(folded)} more": sum(counts[name] for name in folded)}
    return {name: counts[name] for name in kept} | rest


def _text_rows(rows: list[ContextRow]) -> Iterator[str]:
    def width(cells: Iterator[str]) -> int:
        return max(min(column_count(cell), WIDEST) for cell in cells)

    totals = [count_text(row.total, "word") for row in rows]
    names = width(row.name for row in rows)
    sources = width(row.sources for row in rows)
    last = width(iter(totals))
    for row, total in zip(rows, totals, strict=True):
        cells = pad(row.name, names), pad(row.sources, sources), pad(total, last, right=True)
        yield "   ".join(cells) + row.failure


class Chart:
    """The rows as bars of one scale: `left` is where they begin, `bottom` where they end."""

    def __init__(self, rows: list[ContextRow], width: int, *, names_above: bool = False) -> None:
        self.rows, self.width, self.names_above = rows, width, names_above
        self.left = MARGIN if names_above else 30 + max(text_width(row.name) for row in rows)
        self.scale = self._fit_scale()
        names = dict.fromkeys(name for row in rows for name in row.words if name != "you")
        self.colours = {name: SOURCES[i % len(SOURCES)] for i, name in enumerate(names)}
        self.colours["you"] = YOURS
        self.rows_drawn: list[str] = []
        self.bottom = TOP
        for row in rows:
            self.bottom += self._draw_row(row, self.bottom)

    def _fit_scale(self) -> float:
        """Pixels a word: as many as the notes behind the bars leave."""
        room = [
            (self.width - self.left - 24 - text_width(row.note)) / max(1, row.total)
            for row in self.rows
        ]
        return min([*room, MOST_SCALE])

    def draw(self, heading: str, more: str) -> Drawing:
        height = self.bottom + FOLDED_ROW if more else self.bottom
        folded = [draw_text(MARGIN, self.bottom + 16, more)] if more else []
        parts = [
            draw_text(MARGIN, 28, heading, style=BOLD),
            *self.draw_grid(height),
            *self.rows_drawn,
            *folded,
        ]
        return Drawing(parts, self.width, height + 36)

    def draw_grid(self, bottom: int) -> Iterator[str]:
        """The lines of the round numbers, and the numbers below them."""
        most = max(row.total for row in self.rows)
        numbers = round_numbers(most, max(1, min(7, most, int(most * self.scale / 70))))
        for number in numbers:
            x, label = self.left + number * self.scale, f"{number:,g}"
            if number == numbers[-1]:
                label = count_text(int(number), "word")
            yield f'<path d="M{x:.1f} {TOP - 4}V{bottom + 4}" stroke="{GRID}"/>'
            yield draw_text(x, bottom + 20, label, FAINT_INK, MIDDLE)

    def _draw_row(self, row: ContextRow, y: int) -> int:
        """Draws one bar, its labels inside where they fit, else behind it or below; the height of
        the row.
        """
        self.rows_drawn.append(draw_text(MARGIN, y + (15 if self.names_above else 18.5), row.name))
        above = ABOVE if self.names_above else 0
        y += above
        x, outside = float(self.left), []
        for source, words in row.words.items():
            label, width = f"{source} {words:,}", words * self.scale
            shape = f'x="{x:.1f}" y="{y + 5}" width="{width:.1f}" height="18"'
            colour = self.colours[source]
            self.rows_drawn.append(f'<rect class="source" {shape} fill="{colour}" {EDGE}/>')
            if _small_width(label) + 8 <= width:
                self.rows_drawn.append(draw_text(x + 5, y + 18, label, INK_ON_COLOUR, SMALL))
            else:
                outside.append((label, colour))
            x += width
        ink = FAILED_INK if row.error else FAINT_INK
        self.rows_drawn.append(draw_text(x + 8, y + 18.5, row.note, ink))
        return above + self._draw_labels(outside, x + 24 + text_width(row.note), y)

    def _draw_labels(self, labels: list[tuple[str, str]], x: float, y: int) -> int:
        """Draws the labels that found no room in their bar, each with its colour, from x on or, if
        that is too far right, in lines below; the height of the row.
        """
        height = ROW
        widths = [_small_width(label) + 28 for label, _ in labels]
        if x + sum(widths) > self.width:
            x, height = float(self.left), TALL_ROW
        for (label, colour), width in zip(labels, widths, strict=True):
            if height > ROW and x > self.left and x + width > self.width:
                x, height = float(self.left), height + MORE_LABELS
            middle = y + height - (22 if height > ROW else 20)
            swatch = f'x="{x:.1f}" y="{middle}" width="9" height="9"'
            self.rows_drawn.append(f'<rect {swatch} fill="{colour}" {EDGE}/>')
            self.rows_drawn.append(draw_text(x + 14, middle + 8, label, style=SMALL))
            x += width
        return height


def _small_width(text: str) -> int:
    return round(text_width(text) * SMALL_SHARE)
