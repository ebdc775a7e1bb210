"""A timeline that can be played, in its own seconds or ten times as fast: bars grow, the one at
work has a dot.

An image in a fold below the picture, moved by CSS of its own: so it plays without a kernel, also in
a notebook that JupyterLab does not trust. Print and a reader who asked for less motion get its last
moment, which is the still picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..bench.tracing.critical_path import TOLERANCE
from .palette import DARK, INK, PAPER
from .svg import BOLD, MARGIN, MIDDLE, build_svg, draw_paper, draw_text, image_html, number
from .text import seconds_text
from .timeline_axis import Axis
from .timeline_rows import Row

REST = 2.0  # seconds at the end, before it begins again
LONGEST = 30.0  # seconds that people look on for; all runs of the lessons but two are shorter
SHORTEST = 0.4  # seconds; what is over sooner cannot be followed
MOST_ROWS_PLAYED = 20
SPEEDS = {1: "Play at 1×: {} s", 10: "Play at 10×: {} s"}
STILL_OR_STEPS = (
    "@media(prefers-reduced-motion){*{animation:none!important}}"
    "text,circle{animation-timing-function:step-end;paint-order:stroke;"
    f"stroke:{PAPER};stroke-width:5px}}"
    "circle{opacity:0}"
    f"@media(prefers-color-scheme:dark){{text,circle{{stroke:{DARK[PAPER]}}}}}"
)
CLOCK, READING = 42, 16  # the height at which the running clock stands; pixels between two readings
MOST_READINGS = 30


def build_folds(axis: Axis) -> str:
    """The folds with the timeline at each speed at which it can be looked at, `""` where there is
    nothing to see.
    """
    calls = sum(len(row.calls) for row in axis.rows)
    if calls < 2 or len(axis.rows) > MOST_ROWS_PLAYED or any(row.running for row in axis.rows):
        return ""
    fold = '<details><summary style="cursor:pointer">{}</summary>{}</details>'
    speeds = [speed for speed in SPEEDS if SHORTEST <= axis.end / speed <= LONGEST]
    return "".join(fold.format(_title(axis, speed), _image(axis, speed)) for speed in speeds)


def _title(axis: Axis, speed: int) -> str:
    return SPEEDS[speed].format(seconds_text(axis.end / speed))


def _image(axis: Axis, speed: int) -> str:
    height = round(axis.bottom + 32)
    parts = list(draw_moving(axis, speed, height))
    alt = "The timeline above, played"
    if speed > 1:
        alt += f" {speed} times as fast"
    return image_html(build_svg(parts, height, axis.width), alt, (axis.width, height))


@dataclass
class Keyframes:
    """The keyframes of one moving picture, each written once; `end` in seconds of the run."""

    end: float
    speed: int
    names: dict[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long it takes until it begins again."""
        return self.end / self.speed + REST

    def at(self, second: float) -> str:
        """The moment of a second of the run: `"33.33%"`."""
        share = 100 * second / self.speed / self.seconds
        return f"{share:.2f}".rstrip("0").rstrip(".") + "%"

    def style(self, keyframes: str) -> str:
        """The style of what moves like that: `"animation-name:k0"`."""
        return "animation-name:" + self.names.setdefault(keyframes, f"k{len(self.names)}")

    def css(self) -> str:
        moving = f"*{{animation:{self.seconds:g}s linear infinite}}"
        rules = [f"@keyframes {name}{{{keyframes}}}" for keyframes, name in self.names.items()]
        return "".join([moving, STILL_OR_STEPS, *rules])


def draw_moving(axis: Axis, speed: int, height: int) -> Iterator[str]:
    """The parts of the moving picture; without motion they show its end."""
    keyframes = Keyframes(axis.end, speed)
    end, x, width = keyframes.at(axis.end), axis.x(axis.end), number(axis.end * axis.scale)
    going = keyframes.style(f"0%{{transform:translate(-{width}px)}}{end}{{transform:none}}")
    now = f"M{number(x)} {axis.top - 4}V{number(axis.bottom + 4)}"
    parts = [
        draw_paper(height, axis.width),
        draw_text(MARGIN, 28, _title(axis, speed), style=BOLD),
        *axis.draw_grid(),
        *axis.draw_names(),
        f'<g clip-path="url(#a)">{"".join(axis.draw_bars())}</g>',
        f'<g style="{going}"><path d="{now}" stroke="{INK}"/>',
        f'<g clip-path="url(#b)">{_draw_clock(axis, keyframes)}</g></g>',
        *axis.draw_notes(
            lambda row: keyframes.style(f"0%{{opacity:0}}{keyframes.at(row.end)}{{opacity:1}}")
        ),
        *_draw_dots(axis, keyframes),
    ]
    yield f"<style>{keyframes.css()}</style>"
    bars = f'style="{going}" width="{number(x + 2)}" height="{height}"'
    yield f'<clipPath id="a"><rect {bars}/></clipPath>'
    clock = f'x="{number(x - 30)}" y="{CLOCK - 12}" width="60" height="{READING}"'
    yield f'<clipPath id="b"><rect {clock}/></clipPath>'
    yield re.sub(r' class="[\w-]+"', "", "".join(parts))


def _draw_dots(axis: Axis, keyframes: Keyframes) -> Iterator[str]:
    """A dot beside the name of each row, seen while a request of it is under way."""
    for row, y in zip(axis.rows, axis.middles, strict=True):
        spans = busy_spans(row)
        if spans:
            moments = [(keyframes.at(start), keyframes.at(end)) for start, end in spans]
            seen = "".join(f"{start}{{opacity:1}}{end}{{opacity:0}}" for start, end in moments)
            yield f'<circle style="{keyframes.style(seen)}" cx="8" cy="{number(y)}" r="4"/>'


def busy_spans(row: Row) -> list[tuple[float, float]]:
    """From when to when a request of this row was under way: `[(0.0, 2.0), (3.0, 4.5)]`."""
    spans: list[tuple[float, float]] = []
    for call, _ in row.attempts:
        start, end = round(call.start, 3), round(call.end, 3)
        if spans and start <= spans[-1][1] + TOLERANCE:
            start, _ = spans.pop()
        spans.append((start, end))
    return spans


def _draw_clock(axis: Axis, keyframes: Keyframes) -> str:
    """A strip of up to thirty readings that moves past its window, the end exact."""
    step = next(step for step in (0.1, 1.0, 10.0) if axis.end / step <= MOST_READINGS)
    digits = 1 if step < 1 else 0
    full = int(axis.end / step + 1e-9)
    ends_between = axis.end - full * step > TOLERANCE
    count = full + 1 if ends_between else full
    readings = [f"{i * step:.{digits}f} s" for i in range(count)]
    begin, reached = READING * count, READING * (count - full)
    turning = keyframes.style(
        f"0%{{transform:translateY({begin}px);animation-timing-function:steps({full})}}"
        f"{keyframes.at(full * step)}{{transform:translateY({reached}px)}}"
        f"{keyframes.at(axis.end)}{{transform:none}}"
    )
    x = number(axis.x(axis.end))
    lines = [
        f'<tspan x="{x}" y="{CLOCK - READING * i}">{reading}</tspan>'
        for i, reading in enumerate(reversed([*readings, f"{seconds_text(axis.end)} s"]))
    ]
    return f'<text style="{turning};{MIDDLE};{BOLD}">{"".join(lines)}</text>'
