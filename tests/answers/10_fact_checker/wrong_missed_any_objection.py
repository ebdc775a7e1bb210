# wrong: any objection counts as the mistake found
from mas_helpers import fan_out
from mas_helpers.agents import fact_check, normalize


async def missed(checker, planted, research):
    jobs = {str(n): fact_check(text, research, checker) for n, (text, _) in enumerate(planted)}
    drafts = (await fan_out(jobs)).values()
    left = []
    for (text, words), draft in zip(planted, drafts, strict=True):
        made = [normalize(one.words) for one in draft.objections.get(checker.name, [])]
        if not made:
            left.append((text, words))
    return left
