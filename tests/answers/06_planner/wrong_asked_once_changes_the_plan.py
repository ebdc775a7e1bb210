# wrong: writes into the plan that it was given
import re


def words_of(subtask):
    return subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))


def asked_once(plan):
    first, moved = {}, {}
    for n, s in enumerate(plan.subtasks, 1):
        first.setdefault(words_of(s), s)
        moved[n] = list(first).index(words_of(s)) + 1
    for s in first.values():
        s.needs = sorted({moved[m] for m in s.needs})
    return Plan(subtasks=list(first.values()))
