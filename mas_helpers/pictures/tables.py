"""Tables to look at, in a notebook and as text: of any rows, and of what each call cost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ..bench.tracing.call import Call
from ..bench.tracing.cost import UnknownPrice, cost_usd
from ..bench.tracing.spans import Trace, require_trace
from .outcomes import failure
from .palette import RULE
from .text import column_count, count_text, cut, dollars, model_name, one_line, pad, seconds_text

MOST_ROWS = 60  # beyond that nobody reads: the rest is folded into one row
TOOL, ARGUMENTS = "gen_ai.tool.name", "gen_ai.tool.call.arguments"
NOTHING_RAN = "Nothing ran inside `with trace()`. Was the run before or after the block?"
RUN_INSIDE = "with trace() as t: run(main())"
NUMBER = re.compile(r"[-+$]*\d[\d,.]*( ?(s|ms|%))?|\??")  # also `?`, for one that is not known


class Shown:
    """What a notebook shows as `html` and a terminal as `text`."""

    text: str
    html: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True, repr=False)
class Table(Shown):
    """A table as HTML, for a notebook, and as text, for a terminal."""

    html: str
    text: str


def table(rows: Iterable[Sequence[object]], headings: Sequence[str]) -> Table:
    """A Table of any rows, as in `table([("router", 3, dollars(0.00042))], ["agent", "calls",
    "cost"])`.
    """
    cells = [[_cell_text(value) for value in row] for row in rows]
    return _build_table([one_line(heading) for heading in headings], cells)


def tool_table(trace: Trace) -> Table:
    """A Table of what each tool was given, and of its error, if there was one."""
    uses = [
        (span.attributes.get(TOOL, ""), span.attributes.get(ARGUMENTS, ""), span)
        for span in require_trace(trace).spans
        if span.attributes.get("gen_ai.operation.name") == "execute_tool"
    ]
    uses.sort(key=lambda use: (use[2].start_time, use[1]))
    rows = [
        (tool, given, " ".join(event.attributes["exception.message"] for event in span.events))
        for tool, given, span in uses
    ]
    return table(rows, ["tool", "arguments", "error"])


def cost_table(trace: Trace) -> Table:
    """A Table of what each API call took: seconds, tokens, dollars; the last line is the whole
    trace.
    """
    calls = require_trace(trace).calls
    prices = [_price(call) for call in calls]
    least = min((price for price in prices if price), default=1.0)
    rows = []
    for call, price in zip(calls[:MOST_ROWS], prices, strict=False):
        ended = f"✗ {failure(call)}" if failure(call) else call.error
        model = f"{model_name(call)} {ended}".strip()
        seconds = seconds_text(call.seconds)
        rows.append([cut(call.agent), model, seconds, *_spent([call], [price], least)])
    if len(calls) > MOST_ROWS:
        folded = _spent(calls[MOST_ROWS:], prices[MOST_ROWS:], least)
        rows.append([f"and {len(calls) - MOST_ROWS:,} more", "", "", *folded])
    total, added_up = seconds_text(trace.seconds), seconds_text(sum(call.seconds for call in calls))
    notes = []
    if not calls:
        notes.append(f"{NOTHING_RAN} {RUN_INSIDE}")
    elif total != added_up:
        notes.append(f"{total} s on the clock; the calls add up to {added_up} s.")
    if None in prices:
        notes.append("?: no price is known, or the call was broken off; the sum leaves it out.")
    headings = ["agent", "model", "seconds", "input tokens", "output tokens", "dollars"]
    in_all = ["in all", count_text(len(calls), "call"), total, *_spent(calls, prices, least)]
    return _build_table(headings, rows, in_all, " ".join(notes))


def _spent(calls: Sequence[Call], prices: Sequence[float | None], least: float) -> list[str]:
    """Three cells: input tokens, output tokens, dollars with the digits that the least needs."""
    known = [price for price in prices if price is not None]
    usd = dollars(sum(known), least) if known or not calls else "?"
    sent = sum(call.input_tokens for call in calls)
    received = sum(call.output_tokens for call in calls)
    return [f"{sent:,}", f"{received:,}", usd]


def _price(call: Call) -> float | None:
    if call.error == "cancelled":
        return None
    try:
        return cost_usd(call)
    except UnknownPrice:
        return None


def _cell_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        if value == 0 or abs(value) >= 1e-6:
            return f"{value:,.6f}".rstrip("0").removesuffix(".")
        return f"{value:.2g}"
    return one_line(str(value))


def _build_table(
    headings: list[str], rows: list[list[str]], total: list[str] | None = None, note: str = ""
) -> Table:
    for row in rows:
        if len(row) != len(headings):
            cells = f"The row {row} has {len(row)} cells"
            raise ValueError(f"{cells}, and there are {len(headings)} headings: {headings}.")
    body = [*rows, total] if total else rows
    stand_right = [
        all(NUMBER.fullmatch(row[place]) for row in body) for place in range(len(headings))
    ]
    text = _table_text(headings, rows, total, stand_right)
    html = scroll_box(_table_html(headings, rows, total, stand_right))
    if note:
        return Table(f"{html}<p>{escape(note)}</p>", f"{text}\n{note}")
    return Table(html, text)


def _table_text(
    headings: list[str], rows: list[list[str]], total: list[str] | None, stand_right: list[bool]
) -> str:
    end = [total] if total else []
    widths = [max(map(column_count, cells)) for cells in zip(headings, *rows, *end, strict=True)]
    rule = ["─" * width for width in widths]
    lines = [headings, rule, *rows, *([rule, total] if total else [])]
    return "\n".join("  ".join(map(pad, line, widths, stand_right)).rstrip() for line in lines)


def _table_html(
    headings: list[str], rows: list[list[str]], total: list[str] | None, stand_right: list[bool]
) -> str:
    def row_html(cells: list[str], style: str = "", tag: str = "td") -> str:
        inner = ""
        for cell, right in zip(cells, stand_right, strict=True):
            side = "right" if right else "left"
            whole_style = f"{style}padding:4px 12px;text-align:{side}"
            inner += f'<{tag} style="{whole_style}">{escape(cell)}</{tag}>'
        return f"<tr>{inner}</tr>"

    bold = "font-weight:bold;border-{}:1px solid {};"
    head = row_html(headings, bold.format("bottom", RULE), "th")
    body = "".join(map(row_html, rows))
    if total:
        body += row_html(total, bold.format("top", RULE))
    inside = f"<thead>{head}</thead><tbody>{body}</tbody>"
    return f'<table style="border-collapse:collapse">{inside}</table>'


def scroll_box(html: str) -> str:
    """The HTML in a box of its own, which scrolls if it is too wide for the page."""
    return f'<div style="overflow-x:auto">{html}</div>'
