# wrong: one draft for each text: of two mistakes in it the last counts
from mas_helpers import fan_out
from mas_helpers.agents import fact_check, normalize


async def missed(checker, planted, research):
    jobs = {text: fact_check(text, research, checker) for text in dict(planted)}
    drafts = (await fan_out(jobs)).values()
    left = []
    for (text, words), draft in zip(dict(planted).items(), drafts, strict=True):
        made = [normalize(one.words) for one in draft.objections.get(checker.name, [])]
        if not any(normalize(words) in one or one in normalize(words) for one in made):
            left.append((text, words))
    return left
