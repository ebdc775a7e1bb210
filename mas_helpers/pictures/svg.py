"""What pictures are made of: text and bars in SVG, round numbers for an axis, a legend, the card
around all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from os import PathLike

from ..bench.tracing.call import Call, has_failed
from .palette import CARD_EDGE, FAILED, FAILED_PAPER, FAINT_INK, INK, MODELS, OTHER_MODEL, PAPER
from .tables import NOTHING_RAN, RUN_INSIDE, Shown, scroll_box
from .text import column_count, cut, model_name

# Pixels. JupyterLab leaves 64 % of it beside its file browser in a window of 800.
WIDTH = 540
LEAST_SHOWN = 0.64  # of a picture's width: letters of 13 pixels shrink to 8, and no further
MARGIN = 16  # pixels between the edge of the card and what stands in it
FONT = "system-ui,sans-serif"
BOLD, SMALL, MIDDLE = "font-weight:600", "font-size:12px", "text-anchor:middle"
SMALL_SHARE = 12 / 13  # of the usual size
ON_PATH = "on the critical path"


def draw_text(x: float, y: float, text: str, fill: str = INK, style: str = "") -> str:
    ink = f' fill="{fill}"' if fill != INK else ""  # the card's own
    styled = f' style="{style}"' if style else ""
    return f'<text x="{number(x)}" y="{number(y)}"{ink}{styled}>{escape(text)}</text>'


def number(pixels: float) -> str:
    """`"4.5"`, and `"4"` for 4.0."""
    return f"{pixels:.1f}".removesuffix(".0")


def text_width(text: str) -> int:
    """The pixels that it takes at the usual size, in the widest of the usual fonts."""
    return round(7.6 * column_count(text) + 3 * sum(map(str.isupper, text)))


def fit_text(text: str, width: float, end: str = "") -> str:
    """The text, or as much of its beginning as fits in so many pixels, with the end behind it."""
    most = column_count(text)
    while most > 1 and text_width(cut(text, most) + end) > width:
        most -= 1
    return cut(text, most) + end


def round_numbers(end: float, most: int) -> list[float]:
    """Round numbers from 0 to the end, up to so many after the 0: `[0, 5, 10]`."""
    steps = (digit * 10.0**power for power in range(-3, 9) for digit in (1, 2, 5))
    step = next(step for step in steps if end / step <= most)
    return [round(i * step, 3) for i in range(int(end / step + 1e-9) + 1)]


def draw_bar(x: float, y: float, width: float, call: Call) -> str:
    """Solid for a call that was answered, striped for one that failed, pale stripes for one that
    still runs. y: its middle.
    """
    fill, height = next((look for name, look in MODELS.items() if name in call.model), OTHER_MODEL)
    edge, stripe, dashes = "", PAPER, "2 6"
    if has_failed(call):
        fill, edge, stripe, dashes = FAILED_PAPER, f' stroke="{FAILED}"', FAILED, "4 3"
    box = f'x="{number(x)}" y="{number(y - height / 2)}" width="{number(width)}" height="{height}"'
    bar = f'<rect class="call" {box} rx="3" fill="{fill}"{edge}/>'
    if not call.error:
        return bar
    line = f'd="M{number(x + 1)} {number(y)}h{number(width - 2)}"'
    stroke = f'stroke="{stripe}" stroke-width="{height - 1}" stroke-dasharray="{dashes}"'
    return f"{bar}<path {line} {stroke}/>"


def draw_edged(bars: Iterable[str]) -> str:
    """The bars with an edge: of most the same, so it is written once."""
    return f'<g stroke="{FAINT_INK}">{"".join(bars)}</g>'


def underline(x: float, y: float, width: float) -> str:
    """The line below a bar with this middle, for `draw_underlines`."""
    return f"M{number(x)} {number(y + 10.5)}h{number(max(4.0, width))}"


def draw_underlines(lines: str) -> str:
    """What marks the bars of calls on the critical path."""
    return f'<path class="critical-path" d="{lines}" stroke="{INK}" stroke-width="3"/>'


def draw_legend(
    calls: list[Call], y: float, width: int, has_underlines: bool = False
) -> tuple[list[str], int]:
    """A swatch for each model, drawn like one of its bars; and the y at which the picture ends."""
    answered_last = sorted(calls, key=lambda call: call.error, reverse=True)
    samples = {"failed" if has_failed(call) else model_name(call): call for call in answered_last}
    names = sorted(samples, key=lambda name: (name == "failed", name))
    parts, x = [f'<g class="legend" fill="{FAINT_INK}">'], MARGIN
    for name in [*names, ON_PATH] if has_underlines else names:
        if x > MARGIN and x + 42 + text_width(name) > width:
            x, y = MARGIN, y + 22
        if name in samples:
            parts.append(draw_edged([draw_bar(x, y - 4.5, 18, samples[name])]))
        else:
            parts.append(draw_underlines(underline(x, y - 15, 18)))
        parts.append(draw_text(x + 26, y, name))
        x += 46 + text_width(name)
    return [*parts, "</g>"], round(y + 18 if names else y - 12)


def build_svg(parts: list[str], height: int, width: int) -> str:
    """The parts as an image of its own."""
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    letters = f'font-family="{FONT}" font-size="13" fill="{INK}"'
    inside = "".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {letters}>{inside}</svg>'


def draw_paper(height: int, width: int) -> str:
    """A light card, which can be read in a dark theme as well."""
    size = f'width="{width - 1}" height="{height - 1}"'
    return f'<rect x=".5" y=".5" {size} rx="8" fill="{PAPER}" stroke="{CARD_EDGE}"/>'


def build_picture(parts: list[str], height: int, width: int, text: str, folds: str = "") -> Picture:
    """The Picture with these parts on a card; `folds` is HTML that stands below it."""
    alt = spoken_text(text)
    title = f"<title>{alt.split('; ')[0]}</title><desc>{alt}</desc>"
    svg = build_svg([title, draw_paper(height, width), *parts], height, width)
    html = image_html(svg, alt, (width, height)) + folds
    return Picture(svg, text, html, (width, height))


def nothing_ran(width: int) -> Picture:
    """The Picture of a trace without calls: what to write."""
    parts = [
        draw_text(MARGIN, 30, NOTHING_RAN),
        draw_text(MARGIN, 56, RUN_INSIDE, INK, "font-family:monospace"),
    ]
    return build_picture(parts, 76, width, f"{NOTHING_RAN}\n{RUN_INSIDE}")


@dataclass(frozen=True, repr=False)
class Picture(Shown):
    """A picture as SVG, as text for a terminal, and as HTML for a notebook: the SVG in an image,
    for JupyterLab drops a bare one from a notebook that it does not trust.
    """

    svg: str
    text: str
    html: str
    size: tuple[int, int]

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the SVG."""
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(self.svg)


def image_html(svg: str, alt: str, size: tuple[int, int]) -> str:
    """HTML that keeps the room of the picture before it is there; where that is small it shrinks,
    then scrolls.
    """
    data = "".join(f"%{ord(c):02X}" if c in "%#<>&" else c for c in svg.replace('"', "'"))
    width, height = size
    style = f"max-width:100%;min-width:{round(width * LEAST_SHOWN)}px;height:auto"
    room = f'width="{width}" height="{height}" style="{style}"'
    return scroll_box(f'<img src="data:image/svg+xml,{data}" alt="{alt}" {room}>')


def spoken_text(text: str) -> str:
    """The text form without its bars, escaped: what a screen reader says."""
    lines = [
        re.sub(r"  [█▒─·]{40}  ", ": ", line).strip()
        for line in text.replace(f" · ◀ {ON_PATH}", "").split("\n")
    ]
    lines = [re.sub(" ◀$", f", {ON_PATH}", line) for line in lines]
    more = [f"and {len(lines) - 10} more rows"] if len(lines) > 10 else []
    return escape("; ".join([*lines[:10], *more]))
