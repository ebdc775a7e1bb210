"""The checks of 17_cost reject the wrong answers that people give, in words."""

import asyncio
from pathlib import Path

import pytest

from mas_helpers import fan_out
from mas_helpers.course.exercises import load

ANSWERS = Path(__file__).parent / "answers" / "17_cost"


def answer_of(kind):
    """An answer of tests/answers/17_cost, by the end of its name."""
    exercise = "warm_up" if kind.startswith("warm_up") else "make_cap"
    return getattr(load(ANSWERS / f"wrong_{kind}.py"), exercise)


WARM_UP = {
    "warm_up_all_at_once": "finds nothing in the cache",
    "warm_up_a_fixed_wait": "finds nothing in the cache",
    "warm_up_one_by_one": "All jobs begin at once",
    "warm_up_first_job_alone": "All jobs begin at once",
    "warm_up_raises_its_error": "catch what `warm` raises",
    "warm_up_gives_up_when_cold": "worth doing",
    "warm_up_errors_as_results": "an error of a job is raised",
    "warm_up_swallows_all": "Only what `warm` raises is caught",
    "warm_up_gather_leaves_them": "leaves the others at work",
    "warm_up_order_of_arrival": "not in the order in which they are done",
    "warm_up_in_the_results": "the warm-up is none of them",
    "warm_up_a_list": "A dictionary of the jobs' results",
}
MAKE_CAP = {
    "make_cap_looks_and_pays_later": "no `await` between looking and setting",
    "make_cap_a_wait_in_between": "no `await` between looking and setting",
    "make_cap_a_lock_around_all": "nobody waits for a job, or for room",
    "make_cap_waits_for_room": "nobody waits for a job, or for room",
    "make_cap_keeps_the_most": "Give back what a job didn't cost",
    "make_cap_gives_all_back": "What was paid stays paid",
    "make_cap_must_be_below": "What just fits, fits",
    "make_cap_nothing_back_on_failure": "in a `finally`",
    "make_cap_except_exception": "a job that is cancelled",
    "make_cap_one_for_all": "keep the sums inside of it",
    "make_cap_returns_none": "raise BudgetReached",
    "make_cap_gives_what_is_left": "Return what the job gave",
    "make_cap_swallows_the_error": "yours to hand on",
    "make_cap_hands_itself_over": "Begin it with `def`",
}


@pytest.mark.parametrize("kind, words", WARM_UP.items(), ids=WARM_UP)
def test_wrong_warm_up(graded, kind, words):
    result = graded("17_cost", "warm_up", answer_of(kind))
    assert result.passed is False and words in str(result)


@pytest.mark.parametrize("kind, words", MAKE_CAP.items(), ids=MAKE_CAP)
def test_wrong_make_cap(graded, kind, words):
    result = graded("17_cost", "make_cap", answer_of(kind))
    assert result.passed is False and words in str(result)


async def forgets_the_jobs(warm, jobs):
    await asyncio.gather(warm, return_exceptions=True)
    return dict.fromkeys(jobs, "Done.")


async def warms_up_last(warm, jobs):
    results = await fan_out(jobs)
    await asyncio.gather(warm, return_exceptions=True)
    return results


@pytest.mark.parametrize(
    "answer, words", [(forgets_the_jobs, "The jobs never began"), (warms_up_last, "writes again")]
)
def test_a_warm_up_that_warms_nobody_is_told_by_the_dollars(graded, answer, words):
    result = graded("17_cost", "warm_up", answer)
    assert result.passed is False and words in str(result) and "dollars" in str(result)


def test_a_cap_that_is_no_function_is_named(graded):
    result = graded("17_cost", "make_cap", lambda usd: usd)
    assert result.passed is False and "async def spend" in str(result)
