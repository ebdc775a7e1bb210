"""Intervals, agreement, paired comparison and the gate: against values computed another way."""

import math
import random
from itertools import product
from statistics import NormalDist

import pytest

from mas_helpers import HAIKU, Agent, fake_client, run
from mas_helpers.agents import answer_all, is_drop, kappa, paired_bootstrap, wilson


@pytest.mark.parametrize(("right", "of"), [(0, 5), (2, 20), (10, 20), (17, 40), (40, 40)])
def test_wilson_ends_where_the_score_test_just_rejects(right, of):
    """Its ends are the shares p with |right/of - p| = 1.96 sqrt(p (1 - p) / of)."""
    low, high = wilson(right, of)
    for end in (low, high):
        if 0 < end < 1:
            z = abs(right / of - end) / math.sqrt(end * (1 - end) / of)
            assert z == pytest.approx(1.96, abs=0.25)  # the ends are rounded to 0.01
    assert 0 <= low <= right / of <= high <= 1


def test_kappa_is_that_of_a_table_worked_by_hand():
    # 20 both yes, 5 and 10 apart, 15 both no: agreement 0.7, by chance 0.5
    one = [True] * 25 + [False] * 25
    other = [True] * 20 + [False] * 5 + [True] * 10 + [False] * 15
    assert kappa(one, other) == 0.4
    assert kappa(one, one) == 1.0
    assert kappa([False] * 50, other) == 0.0
    assert math.isnan(kappa([True] * 3, [True] * 3))
    with pytest.raises(ValueError):
        kappa([True], [True, False])


def test_the_bootstrap_pairs_and_comes_near_the_normal_interval():
    rng = random.Random(3)
    one = [rng.random() < 0.4 for _ in range(400)]
    other = [was or rng.random() < 0.3 for was in one]
    gains = [theirs - ours for ours, theirs in zip(one, other, strict=True)]
    middle = sum(gains) / 400
    spread = math.sqrt(sum((gain - middle) ** 2 for gain in gains)) / 400
    z = NormalDist().inv_cdf(0.975)
    low, high = paired_bootstrap(one, other)
    assert low == pytest.approx(middle - z * spread, abs=0.01)
    assert high == pytest.approx(middle + z * spread, abs=0.01)
    assert paired_bootstrap(one, one) == (0.0, 0.0)
    assert paired_bootstrap(other, one) == pytest.approx((-high, -low), abs=0.01)


@pytest.mark.parametrize(("lost", "won"), list(product(range(9), range(4))))
def test_a_drop_is_what_a_coin_does_in_less_than_one_of_a_hundred(lost, won):
    tosses = product([True, False], repeat=lost + won)
    as_bad = sum(sum(toss) >= lost for toss in tosses) / 2 ** (lost + won)
    before = [True] * lost + [False] * won + [True, False]
    now = [False] * lost + [True] * won + [True, False]
    assert is_drop(before, now) == (as_bad < 0.01)


def test_the_gate_fails_on_noise_no_more_often_than_it_says():
    rng = random.Random(5)
    rates = [rng.random() for _ in range(40)]

    def week():
        return [rng.random() < rate for rate in rates]

    failed = sum(is_drop(week(), week(), alarm=0.05) for _ in range(1000))
    assert failed <= 65  # 50 expected at the most, and three standard deviations of luck: 21


def test_each_answer_has_its_own_calls_and_seconds_and_a_cut_one_is_none():
    def model(body):
        question = body["messages"][0]["content"]
        cut = {"stop_reason": "max_tokens"} if question == "long" else {}
        usage = {"input_tokens": 7, "output_tokens": len(question)}
        text = {"content": [{"type": "text", "text": question.upper()}]}
        return {**text, **cut, "usage": usage, "seconds": float(len(question))}

    agent = Agent("reader", HAIKU, "", client=fake_client(model))
    short, long = run(answer_all(agent.run, ["ab", "long"]))
    assert (short.text, short.tokens, short.seconds) == ("AB", 9, 2.0)
    assert (long.text, long.tokens, long.seconds) == ("", 11, 4.0)
    assert [len(short.calls), len(long.calls)] == [1, 1]


def test_a_bug_in_a_system_is_raised():
    async def broken(question):
        raise KeyError(question)

    with pytest.raises(KeyError):
        run(answer_all(broken, ["a"]))
