"""The flow of a trace: who said what to whom, drawn from prompts and answers."""

from __future__ import annotations

from collections.abc import Iterator

from ..bench.tracing.call import conversations, has_failed
from ..bench.tracing.spans import Trace, require_trace
from .flow_graph import Arrow, Box, build_graph
from .flow_layout import WIDE, lay_out
from .palette import BOX, FAILED, FAILED_INK, FAILED_PAPER, FAINT_INK, INK, LINE, PAPER, YOURS
from .svg import (
    BOLD,
    MARGIN,
    MIDDLE,
    SMALL,
    SMALL_SHARE,
    WIDTH,
    Picture,
    build_picture,
    draw_bar,
    draw_edged,
    draw_legend,
    draw_text,
    fit_text,
    nothing_ran,
    text_width,
)
from .tables import MOST_ROWS
from .text import count_text, seconds_text

# A number on an arrow can be read where another arrow passes below it.
ON_A_LINE = (
    f"{SMALL};text-anchor:end;paint-order:stroke;stroke:{PAPER};"
    "stroke-width:4px;stroke-linejoin:round"
)
LINE_HEIGHT = 15  # of the small lines in a box


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
        return nothing_ran(width)
    boxes, arrows = build_graph(calls)
    call_count = count_text(len(trace.calls), "call")
    heading = f"{seconds_text(round(trace.seconds, 3))} s in all · {call_count}"
    width, bottom = lay_out(boxes, arrows, width)
    legend, height = draw_legend(calls, round(bottom) + 32, width)
    parts = [
        draw_text(MARGIN, 28, heading, style=BOLD),
        draw_text(MARGIN, 46, "numbers: words handed on", FAINT_INK, SMALL),
        *(part for arrow in arrows for part in _draw_arrow(arrow)),
        *(part for box in boxes for part in _draw_box(box)),
        *legend,
    ]
    return build_picture(parts, height, width, _text_form(heading, boxes, arrows))


def _text_form(heading: str, boxes: list[Box], arrows: list[Arrow]) -> str:
    lines = [f"flow · {heading}", *map(str, arrows[:MOST_ROWS])]
    if len(arrows) > MOST_ROWS:
        lines.append(f"and {len(arrows) - MOST_ROWS:,} more arrows")
    lines += [f"{box.title} ✗ {box.error}" for box in boxes if box.error]
    return "\n".join(lines)


def _draw_arrow(arrow: Arrow) -> Iterator[str]:
    colour = FAINT_INK if arrow.source.calls else LINE
    stroke = f'stroke="{colour}" stroke-width="1.5" fill="none"'
    yield f'<path class="arrow" d="{_arrow_path(arrow)}" {stroke}/>'
    x, y = arrow.points[-1]
    yield f'<path d="M{x:.1f} {y:.1f}l-8 -4v8z" fill="{colour}"/>'
    yield draw_text(x - 11, round(y - 3.5, 1), f"{arrow.words:,}", INK, ON_A_LINE)


def _arrow_path(arrow: Arrow) -> str:
    """Level where it passes a column, bent only between two columns, so that it crosses no box."""
    (x, y), *points = arrow.points
    widest = max(text_width(f"{other.words:,}") for other in arrow.target.incoming)
    path = f"M{x:.1f} {y:.1f}"
    for i, (to_x, to_y) in enumerate(points):
        is_last = i == len(points) - 1
        # at the end it is level again early enough for the number above the line
        level = to_x - min(widest + 8, 0.6 * (to_x - x)) if is_last else to_x
        bend = (x + level) / 2
        if i % 2:  # along a lane
            path += f"H{to_x:.1f}"
        else:
            path += f"C{bend:.1f} {y:.1f} {bend:.1f} {to_y:.1f} {level:.1f} {to_y:.1f}"
            if is_last:
                path += f"H{to_x - 5:.1f}"
        x, y = to_x, to_y
    return path


def _draw_box(box: Box) -> Iterator[str]:
    fill, edge = BOX if box.calls else YOURS, LINE
    if box.error:
        fill, edge = FAILED_PAPER, FAILED
    place = f'x="{box.x:.1f}" y="{box.y - box.height / 2:.1f}"'
    size = f'width="{box.width:.1f}" height="{box.height:.1f}"'
    yield f'<rect class="box" {place} {size} rx="6" fill="{fill}" stroke="{edge}"/>'
    if box.calls:
        yield from _draw_inside(box)
    else:
        yield draw_text(box.x + box.width / 2, round(box.y + 4.5, 1), box.name, style=MIDDLE)


def _draw_inside(box: Box) -> Iterator[str]:
    """The name, the model with its swatch, the seconds."""
    sample = next((call for call in box.calls if has_failed(call)), box.calls[0])
    seconds = f"✗ {box.seconds}" if box.error else box.seconds
    lines = [f"{box.model} · {seconds}"] if box.width >= WIDE else [box.model, seconds]
    top = round(box.y + 5 - 9 * len(lines), 1)
    yield draw_edged([draw_bar(box.x + 10, round(box.y + 8.5, 1), 8, sample)])
    yield draw_text(box.x + 10, top, fit_text(box.name, box.width - 16, box.number), style=BOLD)
    for number, line in enumerate(lines):
        y = top + 17 + LINE_HEIGHT * number
        fitting = fit_text(line, (box.width - 26) / SMALL_SHARE)
        yield draw_text(box.x + 24, y, fitting, FAILED_INK if "✗" in fitting else FAINT_INK, SMALL)
