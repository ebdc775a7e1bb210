# right: a dict from words to the first subtask
import re


def words_of(subtask):
    return subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))


def asked_once(plan):
    first = {}
    for s in plan.subtasks:
        first.setdefault(words_of(s), s)
    numbers = {key: n for n, key in enumerate(first, 1)}
    old = {n: numbers[words_of(s)] for n, s in enumerate(plan.subtasks, 1)}
    return Plan(
        subtasks=[
            s.model_copy(update={"needs": sorted({old[m] for m in s.needs})})
            for s in first.values()
        ]
    )
