# wrong: objections to words that are not in the draft count
import asyncio

from mas_helpers.agents import Draft, FactCheck, normalize, source_list


async def missed(checker, planted, research):
    asked = [
        checker.parse(f"Brief:\n{text}\n\n{source_list(research)}", FactCheck)
        for text, _ in planted
    ]
    checks = await asyncio.gather(*asked, return_exceptions=True)
    drafts = [Draft("", {checker.name: getattr(check, "objections", [])}) for check in checks]
    left = []
    for (text, words), draft in zip(planted, drafts, strict=True):
        made = [normalize(one.words) for one in draft.objections.get(checker.name, [])]
        if not any(normalize(words) in one or one in normalize(words) for one in made):
            left.append((text, words))
    return left
