"""A timeline whose bars can be clicked: what was sent, what came back, what it cost."""

from __future__ import annotations

from html import escape
from typing import Any

from ..bench.tracing.call import Call
from ..bench.tracing.cost import UnknownPrice, cost_usd
from ..bench.tracing.spans import Trace, require_trace
from ..pictures.cards import card
from ..pictures.outcomes import failure
from ..pictures.svg import WIDTH
from ..pictures.tables import MOST_ROWS, Shown, table
from ..pictures.text import call_name, dollars, model_name, seconds_text
from ..pictures.timeline_axis import Axis
from ..pictures.timeline_rows import build_rows
from ..pictures.timelines import timeline
from .widgets import WidgetShown, load_widgets

CLICK = "Click a bar. Below: the call that ended last."
STILL = "Run this cell, then click a bar. Below: the call that ended last."
TALL = 16  # pixels of a bar's button


def explore(trace: Trace) -> Explorer:
    """An Explorer: the timeline, and below it the prompt, the answer, tokens and dollars of the
    call whose bar you click.
    """
    return Explorer(require_trace(trace))


class Explorer(WidgetShown):
    """A timeline with a button on each bar where a kernel runs, the still picture elsewhere."""

    def __init__(self, trace: Trace) -> None:
        self._picture = timeline(trace)
        rows = build_rows(trace)[:MOST_ROWS]
        end = max([round(trace.seconds, 3), *(row.end for row in rows)], default=0.0)
        self._axis = Axis(rows, end, WIDTH) if rows else None
        calls = [call for row in rows for call in row.calls]
        last = max(calls, key=lambda call: call.end, default=None)
        shown = describe_call(last) if last else None
        self.text = "\n\n".join(filter(None, [str(self._picture), str(shown or "")]))
        self.html = self._picture.html
        if shown is not None:
            self.html += f"<p>{STILL}</p>{shown.html}"
            self.widget = self._build_widget(shown)

    def _build_widget(self, shown: Shown) -> Any:
        widgets = load_widgets()
        if widgets is None:
            return None
        self._details = widgets.HTML(shown.html)
        width, height = self._picture.size
        image = widgets.HTML(self._picture.html.partition("<details>")[0])
        image.layout.grid_area = "1 / 1"
        image.layout.width, image.layout.margin = f"{width}px", "0"
        self.buttons = [
            self._build_button(widgets, call, left, middle, wide)
            for call, left, middle, wide in self._bars()
        ]
        board = widgets.GridBox(
            [image, *self.buttons],
            layout={
                "grid_template_columns": f"{width}px",
                "grid_template_rows": f"{height + 8}px",
                "overflow": "auto hidden",
            },
        )
        return widgets.VBox([board, widgets.HTML(escape(CLICK)), self._details])

    def _bars(self) -> list[tuple[Call, float, float, float]]:
        """Each bar: its call, its left, its middle and its width in pixels."""
        axis = self._axis
        if axis is None:
            return []
        return [
            (call, axis.x(call.start), middle, max(8.0, (call.end - call.start) * axis.scale))
            for row, middle in zip(axis.rows, axis.middles, strict=True)
            for call in row.calls
        ]

    def _build_button(
        self, widgets: Any, call: Call, left: float, middle: float, width: float
    ) -> Any:
        button = widgets.Button(
            tooltip=f"{call_name(call)}: {seconds_text(call.seconds)} s",
            style={"button_color": "transparent"},
            layout={
                "grid_area": "1 / 1",
                "width": f"{width:.0f}px",
                "height": f"{TALL}px",
                "margin": f"{middle - TALL / 2:.0f}px 0 0 {left:.0f}px",
                "padding": "0",
            },
        )
        button.on_click(lambda _: self.show(call))
        return button

    def show(self, call: Call) -> None:
        """Shows what this call was sent, what came back, and what it cost."""
        if self.widget is not None:
            self._details.value = describe_call(call).html


class Described(Shown):
    """One call: figures, prompt and answer."""

    def __init__(self, *parts: Shown) -> None:
        self.text = "\n\n".join(map(str, parts))
        self.html = "".join(part.html for part in parts)


def describe_call(call: Call) -> Described:
    """What the call was sent, what came back, and what it cost, to look at."""
    try:
        price = dollars(cost_usd(call)) if call.error != "cancelled" else "?"
    except UnknownPrice:
        price = "?"
    figures = table(
        [[seconds_text(call.seconds), call.input_tokens, call.output_tokens, price]],
        ["seconds", "input tokens", "output tokens", "dollars"],
    )
    ended = failure(call) or call.error
    answer = call.answer or (f"✗ {ended}" if ended else "")
    return Described(
        figures,
        card(call.prompt, f"to {call_name(call)}"),
        card(answer, call_name(call), model_name(call)),
    )
