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
from .tables import DECIDES, NOTHING_RAN, RUN_INSIDE, Shown, in_its_box
from .text import columns, cut, short_model

WIDTH = 540  # pixels; 64 % of it is left beside JupyterLab's file browser in a window of 800: letters of 8 pixels
FONT = "system-ui,sans-serif"
LEAST_SHOWN = 0.64  # of a picture's width: letters of 13 pixels shrink to 8, and no further
BOLD, SMALL, MIDDLE = "font-weight:600", "font-size:12px", "text-anchor:middle"


def text_at(x: float, y: float, text: str, fill: str = INK, style: str = "") -> str:
    ink = f' fill="{fill}"' if fill != INK else ""  # the card's own
    styled = f' style="{style}"' if style else ""
    return f'<text x="{num(x)}" y="{num(y)}"{ink}{styled}>{escape(text)}</text>'


def num(pixels: float) -> str:
    return f"{pixels:.1f}".removesuffix(".0")


def pixels(text: str) -> int:
    # at 13 px, in the widest of the usual fonts
    return round(7.6 * columns(text) + 3 * sum(map(str.isupper, text)))


def fitting(text: str, width: float, end: str = "") -> str:
    """The text, or as much of its beginning as fits, with the end behind it."""
    most = columns(text)
    while most > 1 and pixels(cut(text, most) + end) > width:
        most -= 1
    return cut(text, most) + end


def ticks(end: float, most: int) -> list[float]:
    """Round numbers from 0 to the end, up to so many after the 0."""
    steps = (digit * 10.0**power for power in range(-3, 9) for digit in (1, 2, 5))
    step = next(step for step in steps if end / step <= most)
    return [round(i * step, 3) for i in range(int(end / step + 1e-9) + 1)]


def bar(x: float, y: float, width: float, call: Call) -> str:
    """Solid for a call that was answered, striped for one that failed, pale stripes for one that
    still runs.
    """
    fill, thick = next((look for name, look in MODELS.items() if name in call.model), OTHER_MODEL)
    edge, stripe, dashes = "", PAPER, "2 6"
    if has_failed(call):
        fill, edge, stripe, dashes = FAILED_PAPER, f' stroke="{FAILED}"', FAILED, "4 3"
    box = f'x="{num(x)}" y="{num(y - thick / 2)}" width="{num(width)}" height="{thick}" rx="3"'
    over = (
        f'd="M{num(x + 1)} {num(y)}h{num(width - 2)}" stroke="{stripe}" stroke-width="{thick - 1}"'
    )
    stripes = f'<path {over} stroke-dasharray="{dashes}"/>' if call.error else ""
    return f'<rect class="call" {box} fill="{fill}"{edge}/>{stripes}'


def edged(bars: Iterable[str]) -> str:
    """The bars with an edge: of most the same, so it is written once."""
    return f'<g stroke="{FAINT_INK}">{"".join(bars)}</g>'


def underlined(x: float, y: float, width: float) -> str:
    return f"M{num(x)} {num(y + 10.5)}h{num(max(4.0, width))}"


def decides_path(lines: str) -> str:
    return f'<path class="decides" d="{lines}" stroke="{INK}" stroke-width="3"/>'


def legend(calls: list[Call], y: float, width: int, decides: bool = False) -> tuple[list[str], int]:
    """A swatch for each model, drawn like one of its bars; and the y at which the picture ends."""
    answered_last = sorted(calls, key=lambda call: call.error, reverse=True)
    samples = {"failed" if has_failed(call) else short_model(call): call for call in answered_last}
    names = sorted(samples, key=lambda name: (name == "failed", name))
    parts, x = [f'<g class="legend" fill="{FAINT_INK}">'], 16
    for name in [*names, DECIDES] if decides else names:
        shown = name.removeprefix("◀ ")
        if x > 16 and x + 42 + pixels(shown) > width:
            x, y = 16, y + 22
        sample = [] if name == DECIDES else [bar(x, y - 4.5, 18, samples[name])]
        parts += [
            edged(sample) if sample else decides_path(underlined(x, y - 15, 18)),
            text_at(x + 26, y, shown),
        ]
        x += 46 + pixels(shown)
    return [*parts, "</g>"], round(y + 18 if names else y - 12)


def svg(parts: list[str], height: int, width: int) -> str:
    """The parts on a light card, which can be read in a dark theme as well."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" font-family="{FONT}" font-size="13" fill="{INK}">{"".join(parts)}</svg>'
    )


def paper(height: int, width: int) -> str:
    size = f'width="{width - 1}" height="{height - 1}"'
    return f'<rect x=".5" y=".5" {size} rx="8" fill="{PAPER}" stroke="{CARD_EDGE}"/>'


def card(parts: list[str], height: int, width: int, text: str, folds: str = "") -> Picture:
    """The Picture with these parts, and with what is folded away below it."""
    alt = spoken(text)
    said = [f"<title>{alt.split('; ')[0]}</title><desc>{alt}</desc>", paper(height, width)]
    return Picture(svg([*said, *parts], height, width), text, (width, height), folds)


def nothing_ran(width: int) -> Picture:
    hint = [text_at(16, 30, NOTHING_RAN), text_at(16, 56, RUN_INSIDE, INK, "font-family:monospace")]
    return card(hint, 76, width, f"{NOTHING_RAN}\n{RUN_INSIDE}")


@dataclass(frozen=True, repr=False)
class Picture(Shown):
    """A picture as SVG, for a notebook, and as text, for a terminal; `folds` is HTML that stands
    below it.
    """

    svg: str
    text: str
    size: tuple[int, int]
    folds: str = ""

    @property
    def html(self) -> str:
        """The SVG in an image: JupyterLab drops a bare one from a notebook that it does not trust."""
        return image(self.svg, spoken(self.text), self.size) + self.folds

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the SVG."""
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(self.svg)


def image(svg: str, alt: str, size: tuple[int, int]) -> str:
    """HTML that keeps the room of the picture before it is there; where that is small it shrinks,
    then scrolls.
    """
    data = "".join(f"%{ord(c):02X}" if c in "%#<>&" else c for c in svg.replace('"', "'"))
    width, height = size
    style = f"max-width:100%;min-width:{round(width * LEAST_SHOWN)}px;height:auto"
    room = f'width="{width}" height="{height}" style="{style}"'
    return in_its_box(f'<img src="data:image/svg+xml,{data}" alt="{alt}" {room}>')


def spoken(text: str) -> str:
    """The text form without its bars, escaped: what a screen reader says."""
    lines = [
        re.sub(r"  [█▒─·]{40}  ", ": ", line).strip()
        for line in text.replace(f" · {DECIDES}", "").split("\n")
    ]
    lines = [re.sub(" ◀$", ", decides the total", line) for line in lines]
    more = [f"and {len(lines) - 10} more rows"] if len(lines) > 10 else []
    return escape("; ".join([*lines[:10], *more]))
