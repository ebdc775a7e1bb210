"""The flow of a trace: who said what to whom, drawn from prompts and answers."""

from __future__ import annotations

from collections.abc import Iterator

from ..bench.tracing.call import conversations
from ..bench.tracing.spans import Trace, require_trace
from .flow_graph import Arrow, Box, build_graph
from .flow_layout import WIDE, lay_out
from .outcomes import count_outcomes, failure
from .palette import (
    BOX,
    FAILED,
    FAILED_INK,
    FAILED_PAPER,
    FAINT_INK,
    GRID,
    INK_ON_COLOUR,
    LINE,
    YOURS,
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
    draw_bar,
    draw_edged,
    draw_legend,
    draw_text,
    fit_text,
    nothing_ran,
)
from .tables import MOST_ROWS
from .text import count_text, seconds_text

LINE_HEIGHT = 15  # of the small lines in a box
# pixels of the narrow form: a box for each call, below the ones that it heard
STEP, LINE_OF_WORDS, INDENT_OF_WORDS = 46, 17, 14


def flow(trace: Trace, width: int = WIDTH) -> Picture:
    """A Picture of who said what to whom: a box for each call, arrows with the number of words
    passed on.

    A call heard an earlier one if that one's answer is in its prompt; the other words of the prompt
    came from "you". An answer that was rephrased, or that only steers the program, as a router's
    does, leaves no arrow except the one to "answer". The steps of a tool loop are one box. The
    picture is wider than `width` if more than three calls in a row hear one another.
    """
    calls = conversations(require_trace(trace).calls)
    if not calls:
        return nothing_ran(width)
    boxes, arrows = build_graph(calls)
    heading = f"{seconds_text(round(trace.seconds, 3))} s in all · {count_outcomes(trace.calls)}"
    text = _text_form(heading, boxes, arrows)
    narrow = _draw_list(heading, boxes, arrows)
    width, bottom = lay_out(boxes, arrows, width)
    legend, height = draw_legend(calls, round(bottom) + 32, width)
    parts = [
        draw_text(MARGIN, 28, heading, style=BOLD),
        draw_text(MARGIN, 46, "numbers: words handed on", FAINT_INK, SMALL),
        *(part for arrow in arrows for part in _draw_arrow(arrow)),
        *(part for box in boxes for part in _draw_box(box)),
        *legend,
    ]
    return build_picture(text, Drawing(parts, width, height), narrow)


def _draw_list(heading: str, boxes: list[Box], arrows: list[Arrow]) -> Drawing:
    """The flow for a narrow place: the calls below each other, each with the words that it was
    handed.
    """
    parts = [draw_text(MARGIN, 28, heading, style=BOLD)]
    y = 44
    for box in boxes[1:]:
        box.x, box.width, box.gutter = MARGIN, NARROW - 2 * MARGIN, 0
        box.height = STEP if box.calls else 30
        box.y = y + box.height / 2
        parts += _draw_box(box)
        y = round(y + box.height) + LINE_OF_WORDS
        for arrow in box.incoming:
            words = f"← {arrow.source.title} · {count_text(arrow.words, 'word')}"
            fitting = fit_text(words, (box.width - INDENT_OF_WORDS) / SMALL_SHARE)
            parts.append(draw_text(MARGIN + INDENT_OF_WORDS, y, fitting, FAINT_INK, SMALL))
            y += LINE_OF_WORDS
    legend, height = draw_legend([c for box in boxes for c in box.calls], y + 10, NARROW)
    return Drawing([*parts, *legend], NARROW, height)


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


def _arrow_path(arrow: Arrow) -> str:
    """Level where it passes a column, bent only between two columns, so that it crosses no box."""
    (x, y), *points = arrow.points
    path = f"M{x:.1f} {y:.1f}"
    for i, (to_x, to_y) in enumerate(points):
        is_last = i == len(points) - 1
        level = to_x - 10 if is_last else to_x
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
    if box.has_failed:
        fill, edge = FAILED_PAPER, FAILED
    place = f'x="{box.x:.1f}" y="{box.y - box.height / 2:.1f}"'
    size = f'width="{box.width:.1f}" height="{box.height:.1f}"'
    yield f'<rect class="box" {place} {size} rx="6" fill="{fill}" stroke="{edge}"/>'
    yield from _draw_numbers(box)
    if box.calls:
        yield from _draw_inside(box)
    else:
        middle = box.x + (box.gutter + box.width) / 2
        yield draw_text(middle, round(box.y + 4.5, 1), box.name, INK_ON_COLOUR, MIDDLE)


def _draw_numbers(box: Box) -> Iterator[str]:
    """How many words each arrow hands over: in the box, beside the arrow's end."""
    if not box.gutter:
        return
    x, ink = box.x + box.gutter, FAINT_INK if box.calls else INK_ON_COLOUR
    top = box.y - box.height / 2
    yield f'<path d="M{x:.1f} {top + 1:.1f}v{box.height - 2:.1f}" stroke="{GRID}"/>'
    for arrow in box.incoming:
        _, y = arrow.points[-1]
        yield draw_text(x - 4, round(y + 4, 1), f"{arrow.words:,}", ink, f"{SMALL};text-anchor:end")


def _draw_inside(box: Box) -> Iterator[str]:
    """The name, the model with its swatch, the seconds."""
    sample = next(filter(failure, box.calls), box.calls[0])
    seconds = f"✗ {box.seconds}" if box.has_failed else box.seconds
    left, width = box.x + box.gutter, box.width - box.gutter
    lines = [f"{box.model} · {seconds}"] if width >= WIDE else [box.model, seconds]
    top = round(box.y + 5 - 9 * len(lines), 1)
    yield draw_edged([draw_bar(left + 10, round(box.y + 8.5, 1), 8, sample)])
    yield draw_text(left + 10, top, fit_text(box.name, width - 16, box.number), style=BOLD)
    for number, line in enumerate(lines):
        y = top + 17 + LINE_HEIGHT * number
        fitting = fit_text(line, (width - 26) / SMALL_SHARE)
        yield draw_text(left + 24, y, fitting, FAILED_INK if "✗" in fitting else FAINT_INK, SMALL)
