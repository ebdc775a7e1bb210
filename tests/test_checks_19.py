"""The checks of 19_resume reject the wrong answers that people give, in words."""

import time

import pytest


async def a_key_of_the_moment(kept, service, bill):
    if bill not in kept:
        kept[bill] = await service.pay(bill, f"{bill} {time.monotonic_ns()}")
    return kept[bill]


async def says_paid_first(kept, service, bill):
    if bill in kept:
        return kept[bill]
    kept[bill] = "paid"
    kept[bill] = await service.pay(bill, bill)
    return kept[bill]


async def asks_each_time(kept, service, bill):
    return await service.pay(bill, bill)


async def takes_a_refusal_for_a_receipt(kept, service, bill):
    if bill not in kept:
        try:
            kept[bill] = await service.pay(bill, bill)
        except Exception:
            return None
    return kept[bill]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (a_key_of_the_moment, "The key has to be the same in every life"),
        (says_paid_first, "Which life would pay it?"),
        (asks_each_time, "Look into `kept` first"),
        (takes_a_refusal_for_a_receipt, "An error of the service propagates"),
    ],
)
def test_payments_that_go_wrong(graded, answer, said):
    result = graded("19_resume", "pay_once", answer)
    assert result.passed is False and said in str(result)


def counts_late(once):
    asked = []

    async def inner(key, make):
        n = asked.count(key) + 1
        value = await once(key if n == 1 else f"{key} ({n})", make)
        asked.append(key)
        return value

    return inner


def the_same_key(once):
    async def inner(key, make):
        return await once(key, make)

    return inner


ALL_LIVES = []


def over_all_lives(once):
    async def inner(key, make):
        ALL_LIVES.append(key)
        n = ALL_LIVES.count(key)
        return await once(key if n == 1 else f"{key} ({n})", make)

    return inner


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (counts_late, "Count before you await"),
        (the_same_key, "Each key has a count of its own"),
        (over_all_lives, "each life begins from 1"),
    ],
)
def test_steps_without_a_number_of_their_own(graded, answer, said):
    result = graded("19_resume", "numbered", answer)
    assert result.passed is False and said in str(result)
