# right: gather keeps the order
import asyncio

from mas_helpers.agents import Draft, fact_check


async def checked_by_all(text, research, checkers):
    drafts = await asyncio.gather(*(fact_check(text, research, one) for one in checkers))
    objections = {"code": drafts[0].objections["code"]}
    unchecked = ""
    for one, draft in zip(checkers, drafts):
        if one.name in draft.objections:
            objections[one.name] = draft.objections[one.name]
        if draft.unchecked:
            unchecked += f"{one.name} could not be used ({draft.unchecked}). "
    return Draft(text, objections, unchecked)
