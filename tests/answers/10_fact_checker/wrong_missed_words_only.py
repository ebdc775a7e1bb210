# wrong: the words, not the pairs
from mas_helpers import fan_out
from mas_helpers.agents import fact_check, normalize


async def missed(checker, planted, research):
    jobs = {str(n): fact_check(text, research, checker) for n, (text, _) in enumerate(planted)}
    drafts = (await fan_out(jobs)).values()
    left = []
    for (text, words), draft in zip(planted, drafts, strict=True):
        made = [normalize(one.words) for one in draft.objections.get(checker.name, [])]
        if not any(normalize(words) in one or one in normalize(words) for one in made):
            left.append(words)
    return left
