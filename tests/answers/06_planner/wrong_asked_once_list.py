# wrong: a list of subtasks, not a plan
import re


def words_of(subtask):
    return subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))


def asked_once(plan):
    first = {}
    for s in plan.subtasks:
        first.setdefault(words_of(s), s)
    return list(first.values())
