# wrong: a number is there twice under needs
import re


def words_of(subtask):
    return subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))


def asked_once(plan):
    first, moved = {}, {}
    for n, s in enumerate(plan.subtasks, 1):
        first.setdefault(words_of(s), s)
        moved[n] = list(first).index(words_of(s)) + 1
    return Plan(
        subtasks=[
            s.model_copy(update={"needs": sorted(moved[m] for m in s.needs)})
            for s in first.values()
        ]
    )
