"""A timeline that can be played, in its own seconds or ten times as fast: bars grow, the one at
work has a dot.

An image in a fold below the picture, moved by CSS of its own: so it plays without a kernel, also in
a notebook that JupyterLab does not trust. Print and a reader who asked for less motion get its last
moment, which is the still picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ..bench.tracing.critical_path import TOLERANCE
from .palette import INK, PAPER
from .svg import BOLD, MIDDLE, image, num, paper, svg, text_at
from .text import seconds_text
from .timeline_axis import Axis, Row

REST = 2.0  # seconds at the end, before it begins again
LONGEST = 30.0  # seconds that people look on for; all runs of the lessons but two are shorter
SHORTEST = 0.4  # seconds; what is over sooner cannot be followed
MOST_ROWS_PLAYED = 20
SPEEDS = {1: "Play at 1×: {} s", 10: "Play at 10×: {} s"}
STILL_OR_STEPS = (
    "@media(prefers-reduced-motion){*{animation:none!important}}"
    f"text,circle{{animation-timing-function:step-end;paint-order:stroke;stroke:{PAPER};stroke-width:5px}}"
    "circle{opacity:0}"
)
CLOCK, READING = 42, 16  # the height at which the running clock stands; pixels between two readings


def folds(axis: Axis) -> str:
    """The folds with the timeline at each speed at which it can be looked at, `''` where there is
    nothing to see.
    """
    calls = sum(len(row.calls) for row in axis.rows)
    if calls < 2 or len(axis.rows) > MOST_ROWS_PLAYED or any(row.running for row in axis.rows):
        return ""
    fold = '<details><summary style="cursor:pointer">{}</summary>{}</details>'
    shown = [speed for speed in SPEEDS if SHORTEST <= axis.end / speed <= LONGEST]
    return "".join(fold.format(_title(axis, speed), _image(axis, speed)) for speed in shown)


def _title(axis: Axis, speed: int) -> str:
    return SPEEDS[speed].format(seconds_text(axis.end / speed))


def _image(axis: Axis, speed: int) -> str:
    height = round(axis.bottom + 32)
    played = "".join(played_at(axis, speed, height))
    alt = f"The timeline above, played{f' {speed} times as fast' if speed > 1 else ''}"
    return image(svg([played], height, axis.width), alt, (axis.width, height))


def played_at(axis: Axis, speed: int, height: int) -> Iterator[str]:
    """The parts of the moving picture; without motion they show its end."""
    whole = axis.end / speed + REST

    def at(second: float) -> str:
        return f"{100 * second / speed / whole:.2f}".rstrip("0").rstrip(".") + "%"

    turns: dict[str, str] = {}

    def turned(keyframes: str) -> str:
        return "animation-name:" + turns.setdefault(keyframes, f"k{len(turns)}")

    x, width = axis.x(axis.end), num(axis.end * axis.scale)
    going = turned(f"0%{{transform:translate(-{width}px)}}{at(axis.end)}{{transform:none}}")
    parts = [
        paper(height, axis.width),
        text_at(16, 28, _title(axis, speed), style=BOLD),
        *axis.grid(),
        *axis.names(),
    ]
    parts.append(f'<g clip-path="url(#a)">{"".join(axis.bars())}</g>')
    parts.append(
        f'<g style="{going}"><path d="M{num(x)} {axis.top - 4}V{num(axis.bottom + 4)}" stroke="{INK}"/>'
    )
    parts.append(f'<g clip-path="url(#b)">{_clock(axis, at, turned)}</g></g>')
    parts += axis.said(lambda row: turned(f"0%{{opacity:0}}{at(row.end)}{{opacity:1}}"))
    for spells, y in zip(map(at_work, axis.rows), axis.middles, strict=True):
        seen = "".join(f"{at(start)}{{opacity:1}}{at(end)}{{opacity:0}}" for start, end in spells)
        parts += [f'<circle style="{turned(seen)}" cx="8" cy="{num(y)}" r="4"/>'] if spells else []
    yield f"<style>*{{animation:{whole:g}s linear infinite}}{STILL_OR_STEPS}"
    yield "".join(f"@keyframes {name}{{{keyframes}}}" for keyframes, name in turns.items())
    yield f'</style><clipPath id="a"><rect style="{going}" width="{num(x + 2)}" height="{height}"/></clipPath>'
    yield f'<clipPath id="b"><rect x="{num(x - 30)}" y="{CLOCK - 12}" width="60" height="{READING}"/></clipPath>'
    yield re.sub(r' class="\w+"', "", "".join(parts))


def at_work(row: Row) -> list[tuple[float, float]]:
    """From when to when a request of this row was under way."""
    found: list[tuple[float, float]] = []
    for call, _ in row.spells:
        start, end = round(call.start, 3), round(call.end, 3)
        if found and start <= found[-1][1] + TOLERANCE:
            start, end = found.pop()[0], end
        found.append((start, end))
    return found


def _clock(axis: Axis, at: Callable[[float], str], turned: Callable[[str], str]) -> str:
    """A strip of up to thirty readings that moves past its window, the end exact."""
    step = next(step for step in (0.1, 1.0, 10.0) if axis.end / step <= 30)
    full = int(axis.end / step + 1e-9)
    said = [
        f"{i * step:.{1 if step < 1 else 0}f} s"
        for i in range(full + (axis.end - full * step > TOLERANCE))
    ]
    begin, reached = READING * len(said), READING * (len(said) - full)
    turning = turned(
        f"0%{{transform:translateY({begin}px);animation-timing-function:steps({full})}}"
        f"{at(full * step)}{{transform:translateY({reached}px)}}{at(axis.end)}{{transform:none}}"
    )
    x, strip = num(axis.x(axis.end)), enumerate(reversed([*said, f"{seconds_text(axis.end)} s"]))
    lines = "".join(
        f'<tspan x="{x}" y="{CLOCK - READING * i}">{reading}</tspan>' for i, reading in strip
    )
    return f'<text style="{turning};{MIDDLE};{BOLD}">{lines}</text>'
