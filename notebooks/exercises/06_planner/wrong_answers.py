"""Tempting wrong answers to the exercises of 06_planner, and what is wrong with them."""

import re

from mas_helpers.agents import Plan


def waves(plan):
    """A subtask counts as done as soon as it is put into a wave, so those after it in the same
    round find their needs met.

    Three that build on each other are all sent off at once.

    Ask back: when your first wave begins, which results are there?
    """
    left = {number: set(subtask.needs) for number, subtask in enumerate(plan.subtasks, 1)}
    done, found = set(), []
    while left:
        wave = []
        for number, needs in list(left.items()):
            if needs <= done:
                wave.append(number)
                done.add(number)
                del left[number]
        if not wave:
            raise ValueError(f"these can never begin: {sorted(left)}")
        found.append(wave)
    return found


def asked_once(plan):
    """The repetition is gone, and the numbers under `needs` are those of the old plan.

    When subtask 2 is dropped, what was 3 is 2 now: who needs it points behind the end of the plan,
    or at somebody else's result.

    Ask back: write the numbers beside the new plan. Which result does its last subtask get?
    """
    kept, seen = [], set()
    for subtask in plan.subtasks:
        words = subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))
        if words not in seen:
            kept.append(subtask)
            seen.add(words)
    return Plan(subtasks=kept)
