"""How dollars, seconds, counts and names are written, in pictures and in what commands print.

The bench writes dollars too, and knows nothing of pictures: `dollars` comes from it.
"""

from __future__ import annotations

import re
import unicodedata

from ..bench.tracing.call import Call
from ..bench.tracing.cost import dollars as dollars


def seconds_text(seconds: float) -> str:
    """`"4.2"`; two digits of what is shorter than 0.1, as in `"0.042"`."""
    is_short = seconds < 0.1 and round(seconds, 3) > 0
    return f"{seconds:.2g}" if is_short else f"{seconds:.1f}"


def count_text(count: int, noun: str) -> str:
    """`"1 call"`, `"1,200 calls"`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def call_name(call: Call) -> str:
    """The name of the agent, cut; of a call outside of any, its model's."""
    return cut(call.agent) or model_name(call)


def model_name(call: Call) -> str:
    """`"haiku-5-5"` for `"claude-haiku-5-5-20260101"`."""
    return cut(re.sub(r"^claude-|-\d{8}$", "", call.model)) or "unknown model"


def cut(text: str, most: int = 24) -> str:
    """The text in one line, and if it is wider than so many columns, its beginning with `…`."""
    text = one_line(text)
    if column_count(text) <= most:
        return text
    kept = text[: most - 1]
    while column_count(kept) >= most:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def one_line(text: str) -> str:
    """The text without line breaks and without what cannot be printed."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def pad(text: str, width: int, right: bool = False) -> str:
    """The text with spaces behind it, or before it, up to so many columns."""
    space = " " * (width - column_count(text))
    return space + text if right else text + space


def column_count(text: str) -> int:
    """The columns that it takes in a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
