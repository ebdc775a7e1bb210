# right: a TaskGroup
import asyncio

from mas_helpers.agents import Draft, fact_check


async def checked_by_all(text, research, checkers):
    async with asyncio.TaskGroup() as group:
        tasks = {c.name: group.create_task(fact_check(text, research, c)) for c in checkers}
    merged, why = {}, {}
    for name, task in tasks.items():
        draft = task.result()
        merged = merged | draft.objections
        if draft.unchecked != "":
            why[name] = draft.unchecked
    return Draft(text, merged, ", ".join(f"{n} ({w})" for n, w in why.items()))
