"""What pictures are made of: text and bars in SVG, round numbers for an axis, a legend, the card
around all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from os import PathLike

from ..bench.tracing.call import Call
from .outcomes import outcome
from .palette import (
    CARD_EDGE,
    DARK,
    FAILED,
    FAILED_PAPER,
    FAINT_INK,
    INK,
    MODELS,
    OTHER_MODEL,
    PAPER,
)
from .tables import NOTHING_RAN, RUN_INSIDE, Shown, scroll_box
from .text import column_count, cut, model_name

# Pixels: a picture, and the second drawing of it for phones and for JupyterLab beside its file
# browser in a window of 800, which leaves 348.
WIDTH, NARROW = 540, 340
LEAST_SHOWN = 11 / 13  # of a picture's width: letters of 13 pixels shrink to 11, and no further
MARGIN = 16  # pixels between the edge of the card and what stands in it
FONT = "system-ui,sans-serif"
BOLD, SMALL, MIDDLE = "font-weight:600", "font-size:12px", "text-anchor:middle"
SMALL_SHARE = 12 / 13  # of the usual size
ON_PATH, TOOL = "on the critical path", "a tool"


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
    """Solid for a call that was answered, striped for one that failed, hollow and dashed for one
    that was cancelled, pale stripes for one that still runs. y: its middle.
    """
    fill, height = next((look for name, look in MODELS.items() if name in call.model), OTHER_MODEL)
    edge, stripe, dashes, ended = "", PAPER, "2 6", outcome(call)
    if ended == "failed":
        fill, edge, stripe, dashes = FAILED_PAPER, f' stroke="{FAILED}"', FAILED, "4 3"
    if ended == "cancelled":
        fill, edge = PAPER, ' stroke-dasharray="3 2"'
    box = f'x="{number(x)}" y="{number(y - height / 2)}" width="{number(width)}" height="{height}"'
    bar = f'<rect class="call" {box} rx="3" fill="{fill}"{edge}/>'
    if ended in ("answered", "cancelled"):
        return bar
    line = f'd="M{number(x + 1)} {number(y)}h{number(width - 2)}"'
    stroke = f'stroke="{stripe}" stroke-width="{height - 1}" stroke-dasharray="{dashes}"'
    return f"{bar}<path {line} {stroke}/>"


def draw_tool(x: float, y: float, width: float) -> str:
    """A thin pale bar, for a tool at work. y: its middle."""
    box = f'x="{number(x)}" y="{number(y - 3)}" width="{number(max(3.0, width))}" height="6"'
    return f'<rect class="tool" {box} rx="1" fill="{PAPER}"/>'


def draw_edged(bars: Iterable[str]) -> str:
    """The bars with an edge: of most the same, so it is written once."""
    return f'<g stroke="{FAINT_INK}">{"".join(bars)}</g>'


def underline(x: float, y: float, width: float) -> str:
    """The line below a bar with this middle, for `draw_underlines`."""
    return f"M{number(x)} {number(y + 10.5)}h{number(max(4.0, width))}"


def draw_underlines(lines: str) -> str:
    """What marks the bars of calls on the critical path."""
    return f'<path class="critical-path" d="{lines}" stroke="{INK}" stroke-width="3"/>'


def draw_legend(calls: list[Call], y: float, width: int, *others: str) -> tuple[list[str], int]:
    """A swatch for each model, drawn like one of its bars, and for the others, ON_PATH and TOOL;
    and the y at which the picture ends.
    """
    samples: dict[str, Call] = {}
    for call in sorted(calls, key=lambda call: outcome(call) == "running"):
        ended = outcome(call)
        samples.setdefault(ended if ended in ("failed", "cancelled") else model_name(call), call)
    names = sorted(samples, key=lambda name: (name in ("failed", "cancelled"), name))
    parts, x = [f'<g class="legend" fill="{FAINT_INK}">'], MARGIN
    for name in [*names, *others]:
        if x > MARGIN and x + 42 + text_width(name) > width:
            x, y = MARGIN, y + 22
        if name in samples:
            parts.append(draw_edged([draw_bar(x, y - 4.5, 18, samples[name])]))
        elif name == TOOL:
            parts.append(draw_edged([draw_tool(x, y - 4.5, 18)]))
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
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {letters}>'
    return f"{svg}{dark_style(inside)}{inside}</svg>"


def dark_style(inside: str) -> str:
    """What gives the picture dark paper if the page around it is dark.

    Browsers tell an SVG in an image which scheme the page has; JupyterLab's dark theme is one
    (Chromium 150, JupyterLab 4.6.6).
    """
    rules = [
        f'[{part}="{light}"]{{{part}:{dark}}}'
        for light, dark in DARK.items()
        for part in ("fill", "stroke")
        if f'{part}="{light}"' in inside or (part, light) == ("fill", INK)
    ]
    return f"<style>@media(prefers-color-scheme:dark){{{''.join(rules)}}}</style>"


def draw_paper(height: int, width: int) -> str:
    """A light card, which can also be read in a dark theme."""
    size = f'width="{width - 1}" height="{height - 1}"'
    return f'<rect x=".5" y=".5" {size} rx="8" fill="{PAPER}" stroke="{CARD_EDGE}"/>'


@dataclass(frozen=True)
class Drawing:
    """The parts of a picture, drawn for one width."""

    parts: list[str]
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def build_svg(self, alt: str) -> str:
        title = f"<title>{alt.split('; ')[0]}</title><desc>{alt}</desc>"
        parts = [title, draw_paper(self.height, self.width), *self.parts]
        return build_svg(parts, self.height, self.width)


def build_picture(
    text: str, wide: Drawing, narrow: Drawing | None = None, folds: str = ""
) -> Picture:
    """The Picture of this drawing; `narrow` is shown where there is no room for it, and `folds` is
    HTML to show below it.
    """
    alt = spoken_text(text)
    svg = wide.build_svg(alt)
    if narrow is None:
        html = image_html(svg, alt, wide.size)
    else:
        html = two_images_html((svg, narrow.build_svg(alt)), alt, (wide, narrow))
    return Picture(svg, text, html + folds, wide.size)


def nothing_ran(width: int) -> Picture:
    """The Picture of a trace without calls: what to write."""
    parts = [
        draw_text(MARGIN, 30, NOTHING_RAN),
        draw_text(MARGIN, 56, RUN_INSIDE, INK, "font-family:monospace"),
    ]
    return build_picture(f"{NOTHING_RAN}\n{RUN_INSIDE}", Drawing(parts, width, 76))


@dataclass(frozen=True, repr=False)
class Picture(Shown):
    """A picture as SVG, as text for a terminal, and as HTML for a notebook: the SVG in an image,
    because JupyterLab drops a bare one from a notebook that it doesn't trust.
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
    width, _ = size
    style = f"max-width:100%;min-width:{round(width * LEAST_SHOWN)}px;height:auto"
    return scroll_box(_image(svg, alt, size, style))


def two_images_html(svgs: tuple[str, str], alt: str, drawings: tuple[Drawing, Drawing]) -> str:
    """HTML that shows the first drawing where its letters keep 11 pixels, else the second.

    The width of the box decides, not that of the window, and no style sheet is needed, which
    JupyterLab would drop: one of the two images has a width of 0.
    """
    styles = either_width(*(drawing.width for drawing in drawings))
    images = [
        _image(svg, words, drawing.size, style)
        # a screen reader would read both
        for svg, words, drawing, style in zip(svgs, (alt, ""), drawings, styles, strict=True)
    ]
    return f"<div>{''.join(images)}</div>"


def either_width(wide: int, narrow: int) -> tuple[str, str]:
    """The styles of two images, of which one has a width of 0; pixels."""
    least = round(wide * LEAST_SHOWN)
    shown = f"(100% - {least - 1}px)*9999,{wide}px", f"({least}px - 100%)*9999,{narrow}px"
    large, small = (f"max-width:100%;height:auto;width:clamp(0px,{width})" for width in shown)
    return large, small


def _image(svg: str, alt: str, size: tuple[int, int], style: str) -> str:
    data = "".join(f"%{ord(c):02X}" if c in "%#<>&" else c for c in svg.replace('"', "'"))
    width, height = size
    room = f'width="{width}" height="{height}" style="{style}"'
    return f'<img src="data:image/svg+xml,{data}" alt="{alt}" {room}>'


def spoken_text(text: str) -> str:
    """The text form without its bars, escaped: what a screen reader says."""
    lines = [
        re.sub(r"  [█▒░═─·]{40}  ", ": ", line).strip()
        for line in text.replace(f" · ◀ {ON_PATH}", "").split("\n")
    ]
    lines = [re.sub(" ◀$", f", {ON_PATH}", line) for line in lines]
    most = 12
    if len(lines) > most + 1:
        lines[most:] = [f"and {len(lines) - most} more rows"]
    return escape("; ".join(lines))
