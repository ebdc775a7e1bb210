# wrong: counts how often a word is there
import re


def asked_once(plan):
    first, moved = {}, {}
    for n, s in enumerate(plan.subtasks, 1):
        key = s.kind, tuple(sorted(re.findall(r"\w+", s.task.casefold())))
        first.setdefault(key, s)
        moved[n] = list(first).index(key) + 1
    return Plan(
        subtasks=[
            s.model_copy(update={"needs": sorted({moved[m] for m in s.needs})})
            for s in first.values()
        ]
    )
