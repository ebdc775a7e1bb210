# wrong: the reasons without the names
from mas_helpers import fan_out
from mas_helpers.agents import Draft, fact_check


async def checked_by_all(text, research, checkers):
    drafts = await fan_out({one.name: fact_check(text, research, one) for one in checkers})
    objections, missing = {}, []
    for name, draft in drafts.items():
        objections |= draft.objections
        if draft.unchecked:
            missing.append(draft.unchecked)
    return Draft(text, objections, "; ".join(missing))
