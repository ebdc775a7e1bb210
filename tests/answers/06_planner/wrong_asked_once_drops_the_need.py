# wrong: a need of what was dropped is dropped too
import re


def words_of(subtask):
    return subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))


def asked_once(plan):
    kept, moved, seen = [], {}, set()
    for n, s in enumerate(plan.subtasks, 1):
        if words_of(s) not in seen:
            seen.add(words_of(s))
            kept.append(s)
            moved[n] = len(kept)
    return Plan(
        subtasks=[
            s.model_copy(update={"needs": sorted({moved[m] for m in s.needs if m in moved})})
            for s in kept
        ]
    )
