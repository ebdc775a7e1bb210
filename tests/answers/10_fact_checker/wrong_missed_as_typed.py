# wrong: letter case and white space count
from mas_helpers import fan_out
from mas_helpers.agents import fact_check


async def missed(checker, planted, research):
    jobs = {str(n): fact_check(text, research, checker) for n, (text, _) in enumerate(planted)}
    drafts = (await fan_out(jobs)).values()
    left = []
    for (text, words), draft in zip(planted, drafts, strict=True):
        made = [one.words for one in draft.objections.get(checker.name, [])]
        if not any(words in one or one in words for one in made):
            left.append((text, words))
    return left
