# right: tasks first, then their results
import asyncio

from mas_helpers.agents import Draft, fact_check


async def checked_by_all(text, research, checkers):
    tasks = [asyncio.create_task(fact_check(text, research, one)) for one in checkers]
    objections, lines = {}, []
    for one, task in zip(checkers, tasks, strict=True):
        draft = await task
        for name, made in draft.objections.items():
            objections.setdefault(name, made)
        if draft.unchecked:
            lines.append(one.name + " is missing: " + draft.unchecked)
    return Draft(text, objections, "\n".join(lines))
