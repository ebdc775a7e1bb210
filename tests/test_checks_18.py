"""The checks of 18_memory reject the wrong answers that people give, in words."""

import pytest

from mas_helpers.agents import SessionChanged, StoreError, Turn


def words(turn):
    return len(turn.question.split()) + len(turn.answer.split())


def one_too_many(turns, max_words):
    kept = []
    for turn in reversed(turns):
        kept.insert(0, turn)
        max_words -= words(turn)
        if max_words < 0:
            break
    return kept


def with_a_gap(turns, max_words):
    kept = []
    for turn in reversed(turns):
        if words(turn) <= max_words:
            kept.insert(0, turn)
            max_words -= words(turn)
    return kept


def the_last_turn_alone(turns, max_words):
    return turns[-1]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (one_too_many, "Begin with the newest, and go back."),
        (with_a_gap, "an older, shorter one would leave a gap"),
        (the_last_turn_alone, "Return a list of turns."),
        (lambda turns, max_words: turns[:2], "All of them fit."),
    ],
)
def test_turns_that_do_not_fit(graded, answer, said):
    result = graded("18_memory", "that_fit", answer)
    assert result.passed is False and said in str(result)


async def never_asks_again(store, session, question, ask):
    turns = store.load(session)
    answer = await ask(turns, question)
    store.append(session, Turn(question, answer), after=len(turns))
    return answer


async def whatever_came_between(store, session, question, ask):
    answer = await ask(store.load(session), question)
    store.append(session, Turn(question, answer))
    return answer


async def asks_with_old_turns(store, session, question, ask):
    turns = store.load(session)
    for left in (2, 1, 0):
        try:
            answer = await ask(turns, question)
            store.append(session, Turn(question, answer), after=len(turns))
            return answer
        except SessionChanged:
            if not left:
                raise


async def catches_too_much(store, session, question, ask):
    for left in (2, 1, 0):
        turns = store.load(session)
        answer = await ask(turns, question)
        try:
            store.append(session, Turn(question, answer), after=len(turns))
            return answer
        except StoreError:
            if not left:
                raise


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (never_asks_again, "one more for each SessionChanged"),
        (whatever_came_between, "`after=` is how many turns you loaded"),
        (asks_with_old_turns, "one more for each SessionChanged"),
        (catches_too_much, "Catch SessionChanged alone"),
    ],
)
def test_a_turn_that_is_not_safe(graded, answer, said):
    result = graded("18_memory", "safe_turn", answer)
    assert result.passed is False and said in str(result)
