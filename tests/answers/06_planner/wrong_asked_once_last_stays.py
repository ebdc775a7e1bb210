# wrong: keeps the last of each
import re


def words_of(subtask):
    return subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))


def asked_once(plan):
    last, moved = {}, {}
    for n, s in enumerate(plan.subtasks, 1):
        last[words_of(s)] = s
        moved[n] = list(last).index(words_of(s)) + 1
    return Plan(
        subtasks=[
            s.model_copy(update={"needs": sorted({moved[m] for m in s.needs})})
            for s in last.values()
        ]
    )
