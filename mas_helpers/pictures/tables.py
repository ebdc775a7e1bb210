"""Tables to look at, also as text, and how names, seconds and dollars are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ..bench.tracing.call import Call
from ..bench.tracing.cost import UnknownPrice, cost_usd
from ..bench.tracing.spans import Trace, require_trace
from .palette import RULE
from .text import _clean, calls_text, columns, cut, dollars, pad, seconds_text, short_model

MOST_ROWS = 60  # beyond that nobody reads: the rest is folded into one row
NOTHING_RAN = "Nothing ran inside `with trace()`. Was the run before or after the block?"
DECIDES = "◀ decides the total"
RUN_INSIDE = "with trace() as t: run(main())"


class Shown:
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
    """A Table of any rows: `table([("router", 3, dollars(0.00042))], ["agent", "calls", "cost"])`."""
    return _table(
        [_clean(heading) for heading in headings], [[_cell(value) for value in row] for row in rows]
    )


def cost_table(trace: Trace) -> Table:
    """A Table of what each API call took: seconds, tokens, dollars; the last line is the whole
    trace.
    """
    calls = require_trace(trace).calls
    prices = [_price(call) for call in calls]
    least = min((price for price in prices if price), default=1.0)

    def line(agent: str, model: str, seconds: str, part: slice) -> list[str]:
        known = [price for price in prices[part] if price is not None]
        tokens = [
            f"{sum(getattr(call, kind) for call in calls[part]):,}"
            for kind in ("input_tokens", "output_tokens")
        ]
        return [
            agent,
            model,
            seconds,
            *tokens,
            dollars(sum(known), least) if known or not calls[part] else "?",
        ]

    rows = []
    for i, call in enumerate(calls[:MOST_ROWS]):
        error = f" ✗ {cut(call.error)}" if call.error else ""
        rows.append(
            line(
                cut(call.agent),
                short_model(call) + error,
                seconds_text(call.seconds),
                slice(i, i + 1),
            )
        )
    if len(calls) > MOST_ROWS:
        rows.append(line(f"and {len(calls) - MOST_ROWS:,} more", "", "", slice(MOST_ROWS, None)))
    total, added_up = seconds_text(trace.seconds), seconds_text(sum(call.seconds for call in calls))
    notes = [
        f"{NOTHING_RAN} {RUN_INSIDE}" if not calls else "",
        f"{total} s on the clock; the calls add up to {added_up} s."
        if calls and total != added_up
        else "",
        "?: no price is known, or the call was broken off; the sum leaves it out."
        if None in prices
        else "",
    ]
    headings = ["agent", "model", "seconds", "input tokens", "output tokens", "dollars"]
    return _table(
        headings,
        rows,
        line("in all", calls_text(calls), total, slice(None)),
        " ".join(filter(None, notes)),
    )


def _table(
    headings: list[str], rows: list[list[str]], total: list[str] | None = None, note: str = ""
) -> Table:
    odd = next((row for row in rows if len(row) != len(headings)), None)
    if odd is not None:
        raise ValueError(
            f"The row {odd} has {len(odd)} cells, and there are {len(headings)} headings: {headings}."
        )
    body = [*rows, total] if total else rows
    number = re.compile(r"[-+$]*\d[\d,.]*( ?(s|ms|%))?|\??")
    right = [all(number.fullmatch(line[i]) for line in body) for i in range(len(headings))]
    widths = [max(columns(line[i]) for line in [headings, *body]) for i in range(len(headings))]
    rule = ["─" * width for width in widths]
    lines = [headings, rule, *rows, *([rule, total] if total else [])]
    texts = ["  ".join(map(pad, line, widths, right)).rstrip() for line in lines]

    def tr(line: list[str], style: str = "", tag: str = "td") -> str:
        style += "padding:4px 12px;text-align:"
        cells = zip(line, ("right" if flush else "left" for flush in right), strict=True)
        inner = "".join(
            f'<{tag} style="{style}{side}">{escape(cell)}</{tag}>' for cell, side in cells
        )
        return f"<tr>{inner}</tr>"

    bold = "font-weight:bold;border-{}:1px solid {};"
    head = tr(headings, bold.format("bottom", RULE), "th")
    lower = "".join(map(tr, rows)) + (tr(total, bold.format("top", RULE)) if total else "")
    html = in_its_box(
        f'<table style="border-collapse:collapse"><thead>{head}</thead><tbody>{lower}</tbody></table>'
    )
    return Table(
        html + (f"<p>{escape(note)}</p>" if note else ""),
        "\n".join([*texts, note] if note else texts),
    )


def _price(call: Call) -> float | None:
    if call.error == "cancelled":
        return None
    try:
        return cost_usd(call)
    except UnknownPrice:
        return None


def _cell(value: object) -> str:
    if isinstance(value, float):
        return (
            f"{value:,.6f}".rstrip("0").removesuffix(".")
            if value == 0 or abs(value) >= 1e-6
            else f"{value:.2g}"
        )
    return (
        f"{value:,}"
        if isinstance(value, int) and not isinstance(value, bool)
        else _clean(str(value))
    )


def in_its_box(html: str) -> str:
    """The HTML in a box of its own, which scrolls where that is too wide for the page."""
    return f'<div style="overflow-x:auto">{html}</div>'


def name_of(call: Call) -> str:
    return cut(call.agent) or short_model(call)
