"""How a call ended: answered, failed, cancelled, or still running; and how that is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from ..bench.tracing.call import Call
from .text import count_text, cut

Outcome = Literal["answered", "failed", "cancelled", "running"]
# by stop reason: an answer that came, and can't be used
UNUSABLE = {
    "max_tokens": "cut at max_tokens",
    "model_context_window_exceeded": "cut: context window full",
    "refusal": "refused",
}


def outcome(call: Call) -> Outcome:
    """`"failed"` for an HTTP error, and for a reply that is refused, cut or empty; `"cancelled"`
    for a call that its own program cancelled.
    """
    if call.error == "still running":
        return "running"
    if call.error == "cancelled":
        return "cancelled"
    return "failed" if failure(call) else "answered"


def failure(call: Call) -> str:
    """What went wrong, cut to one line: `"529"`, `"refused"`; `""` unless the call failed."""
    if call.error:
        return "" if call.error in ("still running", "cancelled") else cut(call.error)
    if call.stop_reason in UNUSABLE:
        return UNUSABLE[call.stop_reason]
    is_empty = call.stop_reason in ("end_turn", "stop_sequence") and not call.answer.strip()
    return "empty" if is_empty else ""


def count_outcomes(calls: Iterable[Call]) -> str:
    """`"3 calls"`, `"3 calls · 1 failed · 2 cancelled"`."""
    counts = Counter(map(outcome, calls))
    parts = [count_text(counts.total(), "call")]
    parts += [f"{counts[kind]:,} {kind}" for kind in ("failed", "cancelled") if counts[kind]]
    return " · ".join(parts)
