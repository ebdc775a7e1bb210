"""Tempting wrong answers to the exercises of 10_fact_checker, and what is wrong with them."""

from mas_helpers import fan_out
from mas_helpers.agents import Draft, fact_check


async def checked_by_all(text, research, checkers):
    """`unchecked` starts empty for each checker, so the last one decides.

    If the first refused and the last agreed, the draft comes out as checked by all.

    Ask back: which of two checkers may fail without anybody noticing? What does `unchecked` say
    then?
    """
    jobs = {one.name: fact_check(text, research, one) for one in checkers}
    objections, unchecked = {}, ""
    for name, draft in (await fan_out(jobs)).items():
        objections |= draft.objections
        unchecked = draft.unchecked and f"{name}: {draft.unchecked}"
    return Draft(text, objections, unchecked)


async def missed(checker, planted, research):
    """Any objection to a draft counts as its mistake found.

    A checker that objects to a sound sentence in each draft would pass, and has seen none of the
    mistakes that you planted.

    Ask back: a checker objects to the first sentence of everything. What does yours say of it?
    """
    checks = {str(n): fact_check(text, research, checker) for n, (text, _) in enumerate(planted)}
    drafts = (await fan_out(checks)).values()
    pairs = zip(planted, drafts, strict=True)
    return [pair for pair, draft in pairs if not draft.objections.get(checker.name)]
