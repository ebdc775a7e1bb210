"""Solutions to the exercises of 10_fact_checker."""

from mas_helpers import fan_out
from mas_helpers.agents import Draft, fact_check, normalize


async def checked_by_all(text, research, checkers):
    drafts = await fan_out(
        {checker.name: fact_check(text, research, checker) for checker in checkers}
    )
    objections, missing = {}, []
    for name, draft in drafts.items():
        objections |= draft.objections
        if draft.unchecked:
            missing.append(f"{name}: {draft.unchecked}")
    return Draft(text, objections, "; ".join(missing))


async def missed(checker, planted, research):
    checks = {str(n): fact_check(text, research, checker) for n, (text, _) in enumerate(planted)}
    drafts = (await fan_out(checks)).values()

    def found(draft, words):
        objections = draft.objections.get(checker.name, [])
        said = [normalize(objection.words) for objection in objections]
        return any(words in one or one in words for one in said)

    pairs = zip(planted, drafts, strict=True)
    return [pair for pair, draft in pairs if not found(draft, normalize(pair[1]))]
