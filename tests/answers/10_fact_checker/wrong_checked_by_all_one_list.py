# wrong: all objections in one list, so nobody knows who made them
import asyncio

from mas_helpers.agents import Draft, fact_check


async def checked_by_all(text, research, checkers):
    drafts = await asyncio.gather(*(fact_check(text, research, one) for one in checkers))
    made = [one for draft in drafts for by in draft.objections.values() for one in by]
    return Draft(text, made, "; ".join(draft.unchecked for draft in drafts if draft.unchecked))
