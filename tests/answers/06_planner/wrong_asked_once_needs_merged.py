# wrong: takes over what a dropped subtask needed
import re


def words_of(subtask):
    return subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))


def asked_once(plan):
    first, moved, needs = {}, {}, {}
    for n, s in enumerate(plan.subtasks, 1):
        first.setdefault(words_of(s), s)
        moved[n] = list(first).index(words_of(s)) + 1
        needs.setdefault(words_of(s), []).extend(s.needs)
    return Plan(
        subtasks=[
            s.model_copy(update={"needs": sorted({moved[m] for m in needs[key]})})
            for key, s in first.items()
        ]
    )
