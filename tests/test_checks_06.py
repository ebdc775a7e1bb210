"""The checks of 06_planner reject the wrong answers that people give, in words."""

import re

import pytest

from mas_helpers.agents import Plan


def _waves(plan, *, done_in_order=False, unknown=True, most=100):
    """The right answer, with one part of it replaced."""
    needs = {number: set(subtask.needs) for number, subtask in enumerate(plan.subtasks, 1)}
    if not unknown:
        needs = {number: needed & set(needs) for number, needed in needs.items()}
    done, found = set(), []
    while len(done) < len(needs):
        wave = []
        for number in needs:
            if number not in done and needs[number] <= (
                done | set(wave) if done_in_order else done
            ):
                wave.append(number)
        if not wave:
            raise ValueError("a circle")
        found.append(wave[:most])
        done.update(wave[:most])
    return found


async def is_async(plan):
    return _waves(plan)


def ends_with_an_empty_wave(plan):
    return [*_waves(plan), []]


def sees_the_wave_itself(plan):
    return _waves(plan, done_in_order=True)


def ignores_unknown_numbers(plan):
    return _waves(plan, unknown=False)


def one_at_a_time(plan):
    return _waves(plan, most=1)


def two_waves(plan):
    numbered = list(enumerate(plan.subtasks, 1))
    waves = [[n for n, s in numbered if not s.needs], [n for n, s in numbered if s.needs]]
    return [wave for wave in waves if wave]


def stops_at_a_circle(plan):
    try:
        return _waves(plan)
    except ValueError:
        return []


def from_zero(plan):
    return [[number - 1 for number in wave] for wave in _waves(plan)]


def goes_down_for_ever(plan):
    def depth(number):
        return 1 + max((depth(needed) for needed in plan.subtasks[number - 1].needs), default=-1)

    depths = {number: depth(number) for number in range(1, len(plan.subtasks) + 1)}
    return [
        [n for n in depths if depths[n] == d] for d in range(max(depths.values(), default=-1) + 1)
    ]


def in_the_order_of_the_plan(plan):
    found = []
    for number, subtask in enumerate(plan.subtasks, 1):
        if found and not subtask.needs:
            found[-1].append(number)
        else:
            found.append([number])
    return found


def eats_the_needs(plan):
    found, left = [], dict(enumerate(plan.subtasks, 1))
    while left:
        wave = [number for number, subtask in left.items() if not subtask.needs]
        if not wave:
            raise ValueError("a circle")
        found.append(wave)
        left = {number: subtask for number, subtask in left.items() if number not in wave}
        for subtask in left.values():
            subtask.needs[:] = [needed for needed in subtask.needs if needed not in wave]
    return found


def takes_numbers_off_once(plan):
    needs = {number: list(subtask.needs) for number, subtask in enumerate(plan.subtasks, 1)}
    found = []
    while needs:
        wave = [number for number in needs if not needs[number]]
        if not wave:
            raise ValueError("a circle")
        found.append(wave)
        for number in wave:
            del needs[number]
            for needed in needs.values():
                if number in needed:
                    needed.remove(number)
    return found


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (sees_the_wave_itself, "A wave for each."),
        (ignores_unknown_numbers, "A number that is not there is never done."),
        (one_at_a_time, "One wave, numbered from 1, and no empty one."),
        (ends_with_an_empty_wave, "no empty one"),
        (is_async, "Begin it with `def`"),
        (two_waves, "A wave for each."),
        (stops_at_a_circle, "it is a circle"),
        (from_zero, "expected: [[1, 2, 3]]"),
        (from_zero, "numbered from 1"),
        (goes_down_for_ever, "yours:    RecursionError"),
        (in_the_order_of_the_plan, "The order in the plan says nothing"),
        (eats_the_needs, "Leave the plan and its needs alone"),
        (takes_numbers_off_once, "A number that is there twice is needed once."),
    ],
)
def test_wrong_waves(graded, answer, words):
    result = graded("06_planner", "waves", answer)
    assert result.passed is False
    assert words in str(result)


def _words(subtask):
    return subtask.kind, frozenset(re.findall(r"\w+", subtask.task.casefold()))


def _once(plan, *, words=_words, point=lambda moved, number: moved[number], in_order=sorted):
    """The right answer, with one part of it replaced."""
    kept, place_of, moved = [], {}, {}
    for number, subtask in enumerate(plan.subtasks, 1):
        if words(subtask) not in place_of:
            kept.append(subtask)
            place_of[words(subtask)] = len(kept)
        moved[number] = place_of[words(subtask)]
    return Plan(
        subtasks=[
            one.model_copy(update={"needs": in_order({point(moved, n) for n in one.needs})})
            for one in kept
        ]
    )


def compares_as_typed(plan):
    return _once(plan, words=lambda one: (one.kind, one.task))


def forgets_the_kind(plan):
    return _once(plan, words=lambda one: frozenset(re.findall(r"\w+", one.task.casefold())))


def keeps_the_old_numbers(plan):
    return _once(plan, point=lambda moved, number: number)


def takes_the_first_words_only(plan):
    def words(one):
        return one.kind, tuple(re.findall(r"\w+", one.task.casefold())[:3])

    return _once(plan, words=words)


def the_highest_need_first(plan):
    return _once(plan, in_order=lambda numbers: sorted(numbers, reverse=True))


def drops_the_need_with_the_subtask(plan):
    once = _once(plan)
    said = [_words(one) for one in plan.subtasks]
    kept = [n for n, words in enumerate(said, 1) if words not in said[: n - 1]]
    place = {number: at for at, number in enumerate(kept, 1)}
    needs = [[place[n] for n in plan.subtasks[number - 1].needs if n in place] for number in kept]
    changed = zip(once.subtasks, needs, strict=True)
    return Plan(subtasks=[one.model_copy(update={"needs": needed}) for one, needed in changed])


def changes_what_it_was_given(plan):
    plan.subtasks[:] = _once(plan).subtasks
    return plan


def numbers_as_it_goes(plan):
    kept, place_of, moved = [], {}, {}
    for number, subtask in enumerate(plan.subtasks, 1):
        if _words(subtask) not in place_of:
            needs = sorted({moved.get(n, n) for n in subtask.needs})
            kept.append(subtask.model_copy(update={"needs": needs}))
            place_of[_words(subtask)] = len(kept)
        moved[number] = place_of[_words(subtask)]
    return Plan(subtasks=kept)


def returns_a_list(plan):
    return _once(plan).subtasks


def prints_it(plan):
    print(_once(plan))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (compares_as_typed, "2 says the same as 1"),
        (forgets_the_kind, "Another kind has other material"),
        (keeps_the_old_numbers, "4 needs 3, and 2 is dropped"),
        (takes_the_first_words_only, "All the words have to be the same"),
        (the_highest_need_first, "Each number once, ascending"),
        (drops_the_need_with_the_subtask, "the need points to the earlier subtask"),
        (changes_what_it_was_given, "Leave the plan alone"),
        (numbers_as_it_goes, "A need may point forward"),
        (returns_a_list, "a Plan"),
        (prints_it, "Does it `return` what it has?"),
    ],
)
def test_wrong_plans_without_repetitions(graded, answer, words):
    result = graded("06_planner", "asked_once", answer)
    assert result.passed is False
    assert words in str(result)


def by_comparing_with_each_earlier_one(plan):
    first = {}
    for number, one in enumerate(plan.subtasks, 1):
        same = [n for n in range(1, number) if _words(plan.subtasks[n - 1]) == _words(one)]
        first[number] = same[0] if same else number
    kept = sorted(set(first.values()))
    return Plan(
        subtasks=[
            {
                **plan.subtasks[number - 1].model_dump(),
                "needs": sorted(
                    {kept.index(first[n]) + 1 for n in plan.subtasks[number - 1].needs}
                ),
            }
            for number in kept
        ]
    )


@pytest.mark.parametrize("answer", [_once, by_comparing_with_each_earlier_one])
def test_right_plans_without_repetitions(graded, answer):
    assert graded("06_planner", "asked_once", answer).passed
