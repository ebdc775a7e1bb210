"""How seconds, dollars, counts and names are written, everywhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ..bench.tracing.call import Call


def dollars(usd: float, like: float | None = None) -> str:
    """An amount with enough digits to see that it is not nothing, `$0.00042`; or with as many as
    `like` needs.
    """
    exponent = int(f"{like or usd:.1e}".split("e")[1])
    return f"${usd:,.{max(2, 1 - exponent)}f}"


def seconds_text(seconds: float) -> str:
    return f"{seconds:.1f}" if seconds >= 0.1 or round(seconds, 3) <= 0 else f"{seconds:.2g}"


def calls_text(calls: Sequence[Call]) -> str:
    return f"{len(calls):,} call{'' if len(calls) == 1 else 's'}"


def cut(text: str, most: int = 24) -> str:
    text = _clean(text)
    if columns(text) <= most:
        return text
    kept = text[: most - 1]
    while columns(kept) >= most:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, width: int, right: bool = False) -> str:
    space = " " * (width - columns(text))
    return space + text if right else text + space


def short_model(call: Call) -> str:
    return cut(re.sub(r"^claude-|-\d{8}$", "", call.model)) or "unknown model"


def _clean(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def words_text(words: int) -> str:
    return f"{words:,} word{'' if words == 1 else 's'}"
