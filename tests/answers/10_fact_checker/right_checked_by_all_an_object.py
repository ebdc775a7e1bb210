# right: an object that can be called
from mas_helpers import fan_out
from mas_helpers.agents import Draft, fact_check


class Panel:
    async def __call__(self, text, research, checkers):
        drafts = await fan_out({c.name: fact_check(text, research, c) for c in checkers})
        objections = {}
        for draft in drafts.values():
            objections |= draft.objections
        bad = {name: draft.unchecked for name, draft in drafts.items() if draft.unchecked}
        return Draft(text, objections, str(bad) if bad else "")


checked_by_all = Panel()
