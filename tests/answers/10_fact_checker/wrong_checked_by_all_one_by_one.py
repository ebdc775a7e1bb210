# wrong: one after the other
from mas_helpers.agents import Draft, fact_check


async def checked_by_all(text, research, checkers):
    drafts = {one.name: await fact_check(text, research, one) for one in checkers}
    objections, missing = {}, []
    for name, draft in drafts.items():
        objections |= draft.objections
        if draft.unchecked:
            missing.append(f"{name}: {draft.unchecked}")
    return Draft(text, objections, "; ".join(missing))
