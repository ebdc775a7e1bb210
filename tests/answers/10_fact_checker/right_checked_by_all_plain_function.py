# right: a plain function that hands a coroutine on
import asyncio

from mas_helpers.agents import Draft, fact_check


async def _gather(text, research, checkers):
    return await asyncio.gather(*[fact_check(text, research, one) for one in checkers])


async def _merge(text, research, checkers):
    drafts = await _gather(text, research, checkers)
    objections = {name: made for draft in drafts for name, made in draft.objections.items()}
    named = [(one.name, draft.unchecked) for one, draft in zip(checkers, drafts) if draft.unchecked]
    return Draft(text, objections, "; ".join(": ".join(pair) for pair in named))


def checked_by_all(text, research, checkers):
    return _merge(text, research, checkers)
