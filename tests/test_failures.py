"""Outcomes, second tries and deadlines: what is caught, what is not, and in how many seconds."""

import asyncio

import pytest

from mas_helpers import HAIKU, Agent, Fault, RetryOnce, fake_client, run, trace
from mas_helpers.agents import DeadlinePassed, Outcome, outcome_of, with_deadline
from mas_helpers.bench import MissingRecording

FINE = {"content": [{"type": "text", "text": "fine"}], "seconds": 2.0}


def agent(*faults, **options):
    return Agent(
        "a", HAIKU, "", client=fake_client(lambda body: dict(FINE), faults=faults, **options)
    )


@pytest.mark.parametrize(
    ("faults", "kind"),
    [
        ([], "ok"),
        ([Fault("rate_limited")], "rate_limited"),
        ([Fault("timeout")], "timed_out"),
        ([Fault("refused")], "refused"),
        ([Fault("truncated")], "truncated"),
        ([Fault("overloaded")], "failed"),
        ([Fault("reset")], "failed"),
        ([Fault("empty")], "failed"),
    ],
)
def test_every_end_is_one_of_six(faults, kind):
    came = run(outcome_of(agent(*faults, timeout=5.0).run("?")), clock="virtual")
    assert came.kind == kind
    assert (came.value, came.error is None) == (("fine", True) if kind == "ok" else (None, False))
    assert (
        str(came) == "ok"
        if kind == "ok"
        else str(came).startswith(f"{kind}: ") and len(str(came)) > len(kind) + 3
    )


def test_a_deadline_that_was_set_inside_is_an_outcome():
    async def late():
        async with asyncio.timeout(1.0):
            await asyncio.sleep(2.0)

    assert str(run(outcome_of(late()), clock="virtual")) == "timed_out: TimeoutError"


@pytest.mark.parametrize("error", [KeyError("x"), MissingRecording("x"), KeyboardInterrupt()])
def test_what_is_nobodys_failure_is_raised(error):
    async def broken():
        raise error

    with pytest.raises(type(error)):
        run(outcome_of(broken()), clock="virtual")


def tried(*faults, seconds=10.0, more=20.0, **options):
    """The outcome of a RetryOnce, the seconds, the calls."""
    with trace() as t:
        came = run(
            outcome_of(RetryOnce(agent(*faults, **options), seconds, more).run("?")),
            clock="virtual",
        )
    return came, t.seconds, len(t.calls)


def test_a_second_try_mends_what_passes():
    assert tried(Fault("slow", call=1, seconds=60)) == (Outcome("ok", "fine"), 12.0, 2)
    assert tried(Fault("empty", call=1)) == (Outcome("ok", "fine"), 4.0, 2)
    assert tried(Fault("overloaded", call=1), max_retries=0) == (Outcome("ok", "fine"), 2.1, 2)


def test_the_second_try_has_more_time():
    assert tried(Fault("slow", seconds=15))[:2] == (Outcome("ok", "fine"), 27.0)
    came, seconds, calls = tried(Fault("slow", seconds=60))
    assert (came.kind, seconds, calls) == ("timed_out", 30.0, 2)


@pytest.mark.parametrize("kind", ["refused", "truncated", "rate_limited"])
def test_what_would_come_again_is_not_asked_for_again(kind):
    came, _, calls = tried(Fault(kind, call=1), max_retries=0)
    assert (came.kind, calls) == (kind, 1)


def test_an_unknown_model_is_not_asked_twice():
    def answer(body):
        return {"status": 404, "error": {"type": "not_found_error", "message": "model"}}

    with trace() as t:
        came = run(
            outcome_of(RetryOnce(Agent("a", HAIKU, "", client=fake_client(answer)), 5, 9).run("?")),
            clock="virtual",
        )
    assert came.kind == "failed" and len(t.calls) == 1


def test_a_deadline_says_that_it_passed_and_cancels_what_is_under_way():
    with trace() as t, pytest.raises(DeadlinePassed, match="not done within 1 s"):
        run(with_deadline(agent().run("?"), 1.0), clock="virtual")
    assert t.seconds == 1.0 and t.calls[0].error == "cancelled"
    assert run(with_deadline(agent().run("?"), 3.0), clock="virtual") == "fine"


def test_a_timeout_of_something_inside_is_not_the_deadline():
    async def late():
        async with asyncio.timeout(1.0):
            await asyncio.sleep(2.0)

    with pytest.raises(TimeoutError):
        run(with_deadline(late(), 10.0), clock="virtual")


def test_a_bug_is_not_tried_again():
    asked = []

    class Buggy:
        name = "a"

        async def run(self, prompt):
            asked.append(prompt)
            raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        run(RetryOnce(Buggy(), 5, 9).run("?"))
    assert asked == ["?"]
