# right: the pairs come back as lists
import asyncio

from mas_helpers.agents import fact_check, normalize


async def missed(checker, planted, research):
    tasks = [asyncio.ensure_future(fact_check(t, research, checker)) for t, _ in planted]
    out = []
    for (text, words), task in zip(planted, tasks):
        draft = await task
        mine = draft.objections[checker.name] if checker.name in draft.objections else []
        hits = [
            o
            for o in mine
            if normalize(o.words) in normalize(words) or normalize(words) in normalize(o.words)
        ]
        if len(hits) == 0:
            out.append([text, words])
    return out
