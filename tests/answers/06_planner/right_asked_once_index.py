# right: list.index finds the first of each
import re


def words_of(subtask):
    return subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))


def asked_once(plan):
    keys = [words_of(s) for s in plan.subtasks]
    firsts = [i for i, key in enumerate(keys) if keys.index(key) == i]
    new = {n: firsts.index(keys.index(key)) + 1 for n, key in enumerate(keys, 1)}
    subtasks = []
    for i in firsts:
        old = plan.subtasks[i]
        needs = sorted(set(new[m] for m in old.needs))
        subtasks.append(Subtask(kind=old.kind, task=old.task, needs=needs))
    return Plan(subtasks=subtasks)
