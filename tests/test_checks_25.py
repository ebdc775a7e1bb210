"""The checks of 25_scale_out reject the wrong answers that people give, in words."""

import pytest


def requests_alone(requests_a_minute, tokens_a_minute, seconds, tokens):
    return max(1, int(requests_a_minute * seconds / 60))


def rounded_up(requests_a_minute, tokens_a_minute, seconds, tokens):
    return max(1, -int(-min(requests_a_minute, tokens_a_minute / tokens) * seconds // 60))


def a_fraction(requests_a_minute, tokens_a_minute, seconds, tokens):
    return requests_a_minute * seconds / 60


def nothing_at_all(requests_a_minute, tokens_a_minute, seconds, tokens):
    return int(min(requests_a_minute, tokens_a_minute / tokens) * seconds / 60)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (requests_alone, "The tokens of a minute are a limit too"),
        (rounded_up, "Round down"),
        (a_fraction, "Return a whole number."),
        (nothing_at_all, "At least one"),
    ],
)
def test_seats_that_are_wrong(graded, answer, said):
    result = graded("25_scale_out", "at_once", answer)
    assert result.passed is False and said in str(result)


def by_place(names, results):
    answers = {name: one.result.message for name, one in zip(names, results, strict=True)}
    return answers, [], []


def only_answers(names, results):
    return {one.custom_id: one.result.message for one in results}


def all_again(names, results):
    found = {one.custom_id: one.result for one in results}
    good = {n: found[n].message for n in names if n in found and found[n].type == "succeeded"}
    return good, [name for name in names if name not in good], []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (by_place, "`custom_id` says whose each is"),
        (only_answers, "return answers, again, wrong"),
        (all_again, "an invalid request is as invalid"),
    ],
)
def test_results_that_are_mixed_up(graded, answer, said):
    result = graded("25_scale_out", "sort_results", answer)
    assert result.passed is False and said in str(result)
