# right: works on a copy of the plan
import copy
import re


def words_of(subtask):
    return subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))


def asked_once(plan):
    plan, seen, moved = copy.deepcopy(plan), [], {}
    kept = []
    for n, s in enumerate(plan.subtasks, 1):
        if words_of(s) not in seen:
            seen.append(words_of(s))
            kept.append(s)
        moved[n] = seen.index(words_of(s)) + 1
    for s in kept:
        s.needs = sorted({moved[m] for m in s.needs})
    plan.subtasks = kept
    return plan
