# right: gather, and a comprehension
import asyncio

from mas_helpers.agents import fact_check


def overlaps(a, b):
    a, b = " ".join(a.lower().split()), " ".join(b.lower().split())
    return a in b or b in a


async def missed(checker, planted, research):
    drafts = await asyncio.gather(*(fact_check(text, research, checker) for text, _ in planted))
    return [
        pair
        for pair, draft in zip(planted, drafts)
        if not any(overlaps(pair[1], o.words) for o in draft.objections.get(checker.name, ()))
    ]
