"""Where the rows of a timeline stand: names at the left, or above the bars where there is little
room; seconds across; what is to say beside a bar or below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from .palette import FAILED_INK, FAINT_INK, GRID, INK, LINE
from .svg import (
    MARGIN,
    MIDDLE,
    draw_bar,
    draw_edged,
    draw_text,
    draw_tool,
    draw_underlines,
    fit_text,
    number,
    round_numbers,
    text_width,
    underline,
)
from .timeline_rows import DEEPEST, Row

# shares of the picture's width, and of what the names leave of it
MOST_FOR_NAMES, LEAST_FOR_BARS = 0.36, 0.5
# pixels
INDENT = 16  # of an agent below another
ROW, ROW_IN_A_CROWD = 28, 22  # the height of a row, and where there are many of them
BELOW = 17  # the height of a note below a bar
ABOVE = 18  # the height of a name above its bar
BESIDE_NAMES = 30  # around the names: the margin at their left and a gap at their right
TOP, TOP_IN_A_CROWD = 50, 72  # where the first row begins; in a crowd the seconds are above it
LEAST_SCALE = 80  # pixels for the whole, however long its notes are
CROWD = 12  # rows; more than these are a crowd


@dataclass
class Note:
    """What is to say of a row: beside its bar, and below it."""

    beside: str
    below: str = ""


@dataclass
class Axis:
    """The rows of a timeline on a picture of this width, up to the second `end`.

    `middles` are the heights of the rows, `scale` the pixels a second. With `names_above`, names
    are above their bars.
    """

    rows: list[Row]
    end: float
    width: int
    more: str = ""  # what is shown where the other rows would
    names_above: bool = False
    labels: list[str] = field(init=False)
    notes: list[Note] = field(init=False)
    left: int = field(init=False)
    top: int = field(init=False)
    bottom: float = field(init=False)
    scale: float = field(init=False)
    middles: list[float] = field(init=False)

    def __post_init__(self) -> None:
        share = 1 if self.names_above else MOST_FOR_NAMES
        most = round(share * self.width) - BESIDE_NAMES
        self.labels = [fit_text(row.label, most - INDENT * row.depth) for row in self.rows]
        widths = map(text_width, self.labels)
        self.left = BESIDE_NAMES + max(
            width + INDENT * row.depth for width, row in zip(widths, self.rows, strict=True)
        )
        if self.names_above:
            self.left = MARGIN
        self.fit()

    def fit(self) -> None:
        """Sets the scale and the heights, for where the bars begin."""
        self.notes = [Note(row.note) for row in self.rows]
        self.scale = self._fit_scale()
        self._place_rows()

    @property
    def is_crowded(self) -> bool:
        return len(self.rows) > CROWD

    def x(self, second: float) -> float:
        return self.left + second * self.scale

    def _place_rows(self) -> None:
        height, self.top = (ROW_IN_A_CROWD, TOP_IN_A_CROWD) if self.is_crowded else (ROW, TOP)
        above = ABOVE if self.names_above else 0
        self.middles, y = [], self.top
        for note in self.notes:
            self.middles.append(y + above + height / 2)
            y += above + height + (BELOW if note.below else 0)
        self.bottom = y + height if self.more else y

    def _fit_scale(self) -> float:
        """As large as the notes leave room; of one that leaves too little, all but the seconds goes
        below the bar.
        """
        while True:
            scales = list(map(self._scale_beside, self.rows, self.notes))
            whole = (self.width - self.left - 30) / max(self.end, 0.001)
            scale = min(*scales, whole)
            can_go_below = [i for i, note in enumerate(self.notes) if " · " in note.beside]
            leaves_room = scale * self.end >= LEAST_FOR_BARS * (self.width - self.left)
            if leaves_room or not can_go_below:
                return max(LEAST_SCALE / (self.end or 1), scale)
            tightest = min(can_go_below, key=scales.__getitem__)
            seconds, _, others = self.notes[tightest].beside.partition(" · ")
            self.notes[tightest] = Note(seconds, others)

    def _scale_beside(self, row: Row, note: Note) -> float:
        """The pixels a second at which the note has room behind the end of the row."""
        space = self.width - self.left - 20 - text_width(note.beside)
        return space / max(row.end, self.end / 20, 0.001)

    def draw_grid(self) -> Iterator[str]:
        """The lines of the round seconds, and the seconds below them; above as well where there are
        many rows.
        """
        seconds = round_numbers(self.end, max(1, min(7, int(self.end * self.scale / 60))))
        begin, end = self.top - 4, number(self.bottom + 4)
        lines = "".join(f"M{number(self.x(second))} {begin}V{end}" for second in seconds)
        yield f'<path d="{lines}" stroke="{GRID}"/>'
        heights = [self.bottom + 20]
        if self.is_crowded:
            heights.append(self.top - 12)
        texts = [draw_text(self.x(s), y, f"{s:g} s") for s in seconds for y in heights]
        yield f'<g class="seconds" fill="{FAINT_INK}" style="{MIDDLE}">{"".join(texts)}</g>'

    def draw_names(self) -> Iterator[str]:
        """The names, each tied to the one above that started it, and what was folded away."""
        raised = ABOVE + 4 if self.names_above else 0
        latest = [0.0] * (DEEPEST + 1)  # the height of the latest row of each depth
        for row, label, y in zip(self.rows, self.labels, self.middles, strict=True):
            y -= raised
            latest[row.depth] = y
            indent = INDENT * row.depth
            if row.depth:
                above = latest[row.depth - 1]
                elbow = f"M{indent + 6.5} {number(above + 10)}V{number(y + 0.5)}h6"
                yield f'<path d="{elbow}" stroke="{LINE}" fill="none"/>'
            yield draw_text(MARGIN + indent, y + 4.5, label)
        if self.more:
            yield draw_text(MARGIN, self.bottom - 6, self.more)

    def draw_bars(self) -> Iterator[str]:
        """A thin line for the agent at work, on it a bar for each request, underlined where it is
        on the critical path.
        """
        lines, bars, underlines = [], [], []
        for row, y in zip(self.rows, self.middles, strict=True):
            start, end = number(self.x(row.start)), number(self.x(row.end))
            lines.append(f"M{start} {number(y - 4)}v8m0-4H{end}m0-4v8")
            bars += [
                draw_tool(self.x(t.start), y, (t.end - t.start) * self.scale) for t in row.tools
            ]
            for call, is_on_path in row.attempts:
                left = self.x(round(call.start, 3))
                width = self.x(round(call.end, 3)) - left
                bars.append(draw_bar(left, y, max(2.0, width), call))
                if is_on_path:
                    underlines.append(underline(left, y, width))
        shape = f'd="{"".join(lines)}" stroke="{LINE}" stroke-width="2" fill="none"'
        yield f'<path class="agent" {shape}/>'
        yield draw_edged(bars)
        if underlines:
            yield draw_underlines("".join(underlines))

    def draw_notes(self, style: Callable[[Row], str] = lambda row: "") -> Iterator[str]:
        """What is to say of the rows when they have ended, faint but for what failed."""
        yield f'<g class="notes" fill="{FAINT_INK}">'
        right = self.width - 8
        for row, y, note in zip(self.rows, self.middles, self.notes, strict=True):
            beside, below = (
                fit_text(text, right - self.left) for text in (note.beside, note.below)
            )
            yield self._draw_note(self.x(row.end) + 8, y + 4.5, beside, style(row))
            if below:
                x = max(self.left, min(self.x(row.start), right - text_width(below)))
                yield self._draw_note(x, y + 24, below, style(row))
        yield "</g>"

    def _draw_note(self, x: float, y: float, text: str, style: str) -> str:
        ink = FAILED_INK if "✗" in text else INK  # not the card's but the group's
        return draw_text(x, y, text, ink, style)


def align(axes: Sequence[Axis]) -> None:
    """Gives them one left edge and one scale, so that their bars can be compared."""
    left = max(axis.left for axis in axes)
    for axis in axes:
        axis.left = left
        axis.fit()
    scale = min(axis.scale for axis in axes)
    for axis in axes:
        axis.scale = scale
