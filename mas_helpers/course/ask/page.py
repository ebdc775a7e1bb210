"""What comes out of a run: the page for a person, the JSON for a program."""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import asdict
from typing import Any

from ...agents.coordinator import Brief, objections_to
from ...bench.tracing.call import Call
from ...bench.tracing.cost import cost_usd, known_cost
from ...bench.tracing.spans import Trace
from ...pictures.text import count_text

SENT = ("prompt", "system")  # long, and the same again and again
WIDEST = 100  # columns; longer lines are hard to read


def build_page(brief: Brief) -> str:
    """The answer, its sources and what to know besides, as wide as the terminal."""
    paragraphs = [fill(brief.text), "", "Sources"]
    for number, (research, fact) in brief.sources.items():
        date = f" (found on {research.earlier})" if research.earlier else ""
        source = f'[{number}] {fact.claim} ({fact.document}{date}: "{fact.words}")'
        paragraphs.append(fill(source, "    "))
    paragraphs += ["", _history(brief)]
    if brief.caveats:
        paragraphs += ["", "To know beside it"]
    for caveat in brief.caveats:
        paragraphs.append(fill(f"- {caveat}", "  "))
    return "\n".join(paragraphs)


def build_list(questions: list[str]) -> str:
    """The questions with their numbers, a paragraph each, as wide as the terminal."""
    return "\n".join(fill(f"  {n}  {one}", "     ") for n, one in enumerate(questions, 1))


def fill(text: str, hanging: str = "") -> str:
    """The text in lines as wide as the terminal; all but the first begin with `hanging`."""
    width = min(shutil.get_terminal_size().columns, WIDEST)
    return textwrap.fill(text, width, subsequent_indent=hanging)


def _history(brief: Brief) -> str:
    """`"2 drafts, 3 objections, 2 fixed"`."""
    fates = [fate for *_, fate in objections_to(brief)]
    parts = [count_text(len(brief.drafts), "draft")]
    if fates:
        fixed = len(fates) - fates.count("stands")
        parts += [count_text(len(fates), "objection"), f"{fixed} fixed"]
    else:
        parts.append("no objection")
    if brief.drafts[-1].unchecked:
        parts.append("not fact-checked")
    return ", ".join(parts)


def run_as_dict(brief: Brief | None, trace: Trace) -> dict[str, Any]:
    """A run for a program to read: the answer, sources, caveats and drafts, and every call with its
    answer. What was sent is left out. A call whose model has no known price costs None; the sum
    leaves it out, and `models_without_price` names it.
    """
    cost = cost_usd(trace)
    return {
        **brief_as_dict(brief),
        "calls": [_call_as_dict(call) for call in trace.calls],
        "seconds": trace.seconds,
        "cost_usd": cost,
        "models_without_price": list(cost.unknown),
    }


def _call_as_dict(call: Call) -> dict[str, Any]:
    told = {name: value for name, value in asdict(call).items() if name not in SENT}
    cost = known_cost(call)
    return told | {"cost_usd": None if cost.unknown else cost}


def brief_as_dict(brief: Brief | None) -> dict[str, Any]:
    """What there is of a brief: its answer, sources, caveats and drafts, each empty without it."""
    if brief is None:
        return {"answer": "", "sources": [], "caveats": [], "drafts": []}
    return {
        "answer": brief.text if brief.drafts else "",
        "sources": [
            {"number": number, "topic": one.topic, "earlier": one.earlier, **dict(fact)}
            for number, (one, fact) in brief.sources.items()
        ],
        "caveats": brief.caveats if brief.drafts else [],
        "drafts": [
            {
                "text": draft.text,
                "objections": {
                    critic: [dict(objection) for objection in objections]
                    for critic, objections in draft.objections.items()
                },
                "unchecked": draft.unchecked,
            }
            for draft in brief.drafts
        ],
    }
