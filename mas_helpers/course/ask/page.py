"""What comes of a run: the page for a person, the JSON for a program."""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import asdict
from typing import Any

from ...agents.coordinator import Brief, objections_to
from ...bench.tracing.cost import cost_usd
from ...bench.tracing.spans import Trace


def page(brief: Brief) -> str:
    """The answer, its sources and what to know beside it, as wide as the terminal."""
    width = min(shutil.get_terminal_size().columns, 100)
    lines = [textwrap.fill(brief.text, width), "", "Sources"]
    for number, (found, fact) in brief.sources.items():
        dated = f" (found on {found.earlier})" if found.earlier else ""
        line = f'[{number}] {fact.claim} ({fact.document}{dated}: "{fact.words}")'
        lines.append(textwrap.fill(line, width, subsequent_indent="    "))
    fates = [row[-1] for row in objections_to(brief)]
    told = (
        f"{len(fates)} objection{'s' * (len(fates) != 1)}, {fates.count('mended')} mended"
        if fates
        else "no objection"
    )
    told += ", not fact-checked" if brief.drafts[-1].unchecked else ""
    lines += ["", f"{len(brief.drafts)} draft{'s' * (len(brief.drafts) != 1)}, {told}"]
    if brief.caveats:
        lines += ["", "To know beside it"]
        lines += [
            textwrap.fill(f"- {caveat}", width, subsequent_indent="  ") for caveat in brief.caveats
        ]
    return "\n".join(lines)


def whole_run(brief: Brief | None, spent: Trace) -> dict[str, Any]:
    """A run for a program to read: the answer, sources, caveats and drafts, and every call with its
    answer.
    """
    drafts, sources = (brief.drafts, brief.sources) if brief else ([], {})
    calls = [asdict(call) | {"cost_usd": cost_usd(call)} for call in spent.calls]
    return {
        "answer": drafts[-1].text if drafts else "",
        "sources": [
            {"number": number, "topic": found.topic, "earlier": found.earlier, **dict(fact)}
            for number, (found, fact) in sources.items()
        ],
        "caveats": brief.caveats if drafts else [],
        "drafts": [
            {
                "text": draft.text,
                "objections": {
                    who: [dict(o) for o in made] for who, made in draft.objections.items()
                },
                "unchecked": draft.unchecked,
            }
            for draft in drafts
        ],
        "calls": [
            {name: value for name, value in call.items() if name != "prompt"} for call in calls
        ],
        "seconds": spent.seconds,
        "cost_usd": cost_usd(spent),
    }
