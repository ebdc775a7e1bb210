# wrong: takes letters for words, so week 1 is week 2
import re


def asked_once(plan):
    first, moved = {}, {}
    for n, s in enumerate(plan.subtasks, 1):
        key = s.kind, frozenset(re.findall("[a-z]+", s.task.lower()))
        first.setdefault(key, s)
        moved[n] = list(first).index(key) + 1
    return Plan(
        subtasks=[
            s.model_copy(update={"needs": sorted({moved[m] for m in s.needs})})
            for s in first.values()
        ]
    )
