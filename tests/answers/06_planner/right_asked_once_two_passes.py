# right: first where each goes, then the needs
import re


def words_of(subtask):
    return subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))


def asked_once(plan):
    place, moved, kept = {}, {}, []
    for n, s in enumerate(plan.subtasks, 1):
        key = words_of(s)
        if key not in place:
            kept.append(s)
            place[key] = len(kept)
        moved[n] = place[key]
    return Plan(
        subtasks=[s.model_copy(update={"needs": sorted({moved[m] for m in s.needs})}) for s in kept]
    )
