# right: fan_out, and dicts merged
from mas_helpers import fan_out
from mas_helpers.agents import Draft, fact_check


async def checked_by_all(text, research, checkers):
    drafts = await fan_out({one.name: fact_check(text, research, one) for one in checkers})
    objections = {}
    for draft in drafts.values():
        objections.update(draft.objections)
    reasons = [f"{name}: {draft.unchecked}" for name, draft in drafts.items() if draft.unchecked]
    return Draft(text=text, objections=objections, unchecked="; ".join(reasons))
