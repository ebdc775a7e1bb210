"""The checks of 22_evaluation reject the wrong answers that people give, in words."""

from pathlib import Path

import pytest

from mas_helpers.course.exercises import load

ANSWERS = Path(__file__).parent / "answers" / "22_evaluation"
PASS_RATES = {
    "best_and_worst_run": "The best run is another number",
    "majority": "over all that was asked",
    "counts_not_shares": "right in at least one run",
    "a_tuple": "Three shares by name",
    "five_runs": "over all that was asked",
    "over_runs": "right in at least one run",
    "eats_the_runs": "Leave them alone",
    "independent": "right in at least one run",
    "async": "nothing is awaited here",
}
ALIKE = {
    "empty_is_unlike": "say 1.0 before you divide",
    "by_the_longer": "how many there are in either",
    "in_order": "The order says nothing",
    "words_too": "Compare the kinds alone",
    "divides_by_nothing": "say 1.0 before you divide",
    "yes_or_no": "Compare the kinds alone",
    "eats_the_plan": "Compare the kinds alone",
    "of_the_first": "how many there are in either",
}


def answer_of(exercise, kind):
    return getattr(load(ANSWERS / f"wrong_{exercise}__{kind}.py"), exercise)


@pytest.mark.parametrize(("kind", "words"), PASS_RATES.items())
def test_wrong_rates(graded, kind, words):
    result = graded("22_evaluation", "pass_rates", answer_of("pass_rates", kind))
    assert result.passed is False
    assert words in str(result)


@pytest.mark.parametrize(("kind", "words"), ALIKE.items())
def test_wrong_likeness(graded, kind, words):
    result = graded("22_evaluation", "alike_in_kinds", answer_of("alike_in_kinds", kind))
    assert result.passed is False
    assert words in str(result)


def test_every_wrong_answer_is_told_something(home):
    names = {path.stem for path in ANSWERS.glob("wrong_*.py")}
    told = {f"wrong_pass_rates__{kind}" for kind in PASS_RATES}
    assert names == told | {f"wrong_alike_in_kinds__{kind}" for kind in ALIKE}
