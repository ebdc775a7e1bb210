# right: a method of an object
import re


def words_of(subtask):
    return subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))


class Planner:
    def once(self, plan):
        keys = list(dict.fromkeys(map(words_of, plan.subtasks)))
        where = [keys.index(words_of(s)) + 1 for s in plan.subtasks]
        kept = [s for n, s in enumerate(plan.subtasks) if where[n] not in where[:n]]
        needs = [sorted({where[m - 1] for m in s.needs}) for s in kept]
        return Plan(subtasks=[s.model_copy(update={"needs": n}) for s, n in zip(kept, needs)])


asked_once = Planner().once
