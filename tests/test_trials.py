"""A trial says why a run broke its limits, to the dollar and to the second."""

import asyncio

import pytest

from mas_helpers import HAIKU, Agent, cost_usd, fake_client, run, trace
from mas_helpers.agents.budget import Budget, BudgetReached
from mas_helpers.bench import Trial, run_trial, violations
from mas_helpers.bench.trials import calls_over_budget

USAGE = {"input_tokens": 1000, "output_tokens": 100}  # $0.00015 from the small model
REPLY = {"content": [{"type": "text", "text": "a"}], "usage": USAGE, "seconds": 2.0}


def two_calls(*middleware):
    """A trace of two calls, one after the other."""
    with trace() as t:
        client = fake_client(lambda body: dict(REPLY), middleware=[make(t) for make in middleware])
        agent = Agent("worker", HAIKU, "s", client=client)
        run(agent.run("hi"), clock="virtual")
        try:
            run(agent.run("hi"), clock="virtual")
        except BudgetReached:
            pass
    return Trial(None, None, t)


def test_a_call_that_was_stopped_before_it_was_sent_breaks_no_budget():
    trial = two_calls(lambda t: Budget(0.0001, t))
    sent = [len(call.attempts) for call in trial.trace.calls]
    assert sent == [1, 0] and calls_over_budget(trial, 0.0001) == []


def test_a_call_that_was_sent_after_the_budget_was_spent_is_named():
    (problem,) = calls_over_budget(two_calls(), 0.0001)
    assert problem == "worker was asked when $0.0001 were paid, of a budget of $0.0001"


def test_at_exactly_the_budget_the_next_call_is_one_too_many():
    trial = two_calls()
    first, _ = trial.trace.calls
    assert len(calls_over_budget(trial, cost_usd(first))) == 1
    assert calls_over_budget(trial, cost_usd(first) * 1.01) == []


@pytest.mark.parametrize(("deadline", "problems"), [(2.0, 0), (1.999, 1)])
def test_the_deadline_itself_is_in_time(deadline, problems):
    trial = run_trial(lambda: asyncio.sleep(2.0))
    found = violations(
        trial, deadline=deadline, budget_usd=1.0, unsaid=lambda result: [], errors=(ValueError,)
    )
    assert len(found) == problems
