# wrong: a dict instead of a Draft
from mas_helpers import fan_out
from mas_helpers.agents import fact_check


async def checked_by_all(text, research, checkers):
    drafts = await fan_out({one.name: fact_check(text, research, one) for one in checkers})
    objections, missing = {}, []
    for name, draft in drafts.items():
        objections |= draft.objections
        if draft.unchecked:
            missing.append(f"{name}: {draft.unchecked}")
    return {"text": text, "objections": objections, "unchecked": "; ".join(missing)}
