# right: a TaskGroup, results by place
import asyncio

from mas_helpers.agents import fact_check, normalize


async def missed(checker, planted, research):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fact_check(pair[0], research, checker)) for pair in planted]
    found = set()
    for n, task in enumerate(tasks):
        for one in task.result().objections.get(checker.name) or []:
            a, b = normalize(one.words), normalize(planted[n][1])
            if a in b or b in a:
                found.add(n)
    return [pair for n, pair in enumerate(planted) if n not in found]
