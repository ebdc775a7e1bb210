"""Solutions to the exercises of 06_planner."""

import re

from mas_helpers.agents import Plan


def waves(plan):
    needs = {number: set(subtask.needs) for number, subtask in enumerate(plan.subtasks, 1)}
    done, found = set(), []
    while len(done) < len(needs):
        wave = [number for number in needs if number not in done and needs[number] <= done]
        if not wave:
            raise ValueError(f"these can never begin: {sorted(set(needs) - done)}")
        found.append(wave)
        done.update(wave)
    return found


def asked_once(plan):
    kept, place_of, moved = [], {}, {}
    for number, subtask in enumerate(plan.subtasks, 1):
        words = subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))
        if words not in place_of:
            kept.append(subtask)
            place_of[words] = len(kept)
        moved[number] = place_of[words]
    needs = [sorted({moved[number] for number in subtask.needs}) for subtask in kept]
    changed = zip(kept, needs, strict=True)
    return Plan(subtasks=[one.model_copy(update={"needs": needed}) for one, needed in changed])
