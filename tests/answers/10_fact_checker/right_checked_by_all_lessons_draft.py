# right: it builds the Draft that the lesson defines, not the package's
import asyncio
from dataclasses import dataclass

from mas_helpers.agents import Objection, fact_check


@dataclass(frozen=True)
class Draft:
    text: str
    objections: dict[str, list[Objection]]
    unchecked: str = ""


async def checked_by_all(text, research, checkers):
    drafts = await asyncio.gather(*(fact_check(text, research, one) for one in checkers))
    objections, reasons = {}, []
    for one, draft in zip(checkers, drafts, strict=True):
        objections.update(draft.objections)
        if draft.unchecked:
            reasons.append(f"{one.name}: {draft.unchecked}")
    return Draft(text, objections, "; ".join(reasons))
