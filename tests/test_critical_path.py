"""Which calls decided how long a run took: the rules of `critical_path`, a case for each."""

import asyncio
import contextlib
import itertools

import pytest

from mas_helpers import HAIKU, agent_span, critical_path, fake_client, run, trace

client = fake_client(lambda body: {"content": [], "seconds": float(body["system"])})
CANCELLED = "cancelled"


async def call(start, end, how=""):
    """A call from the one second to the other; a cancelled one had no answer by then."""
    seconds = 99 if how == CANCELLED else round(end - start, 6)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(end - start if how == CANCELLED else None):
            await client.messages.create(
                model=HAIKU,
                max_tokens=9,
                system=str(seconds),
                messages=[{"role": "user", "content": "?"}],
            )


async def agent(name, *calls):
    """An agent at work on calls that follow each other; "" is a call outside of any agent."""
    with agent_span(name) if name else contextlib.nullcontext():
        now = 0.0
        for start, end, *how in calls:
            await asyncio.sleep(start - now)
            await call(start, end, *how)
            now = end


def traced(agents, until=0.0):
    """`{"a": [(0, 2), (2, 3)]}`: all at once; until: the second to which the run goes on."""

    async def main():
        jobs = (agent(name, *calls) for name, calls in agents.items())
        await asyncio.gather(*jobs, asyncio.sleep(until))

    with trace() as t:
        run(main(), clock="virtual")
    return t


def path(agents, until=0.0):
    """The calls on the critical path as `"a 0-2"`."""
    calls = critical_path(traced(agents, until))
    return [f"{call.agent} {call.start:g}-{call.end:g}".strip() for call in calls]


def test_it_goes_back_from_the_call_that_ended_last_to_the_latest_end_before_each():
    agents = {"early": [(0, 1)], "late": [(0, 2)], "next": [(3, 5)], "short": [(3, 4)]}
    assert path(agents) == ["late 0-2", "next 3-5"]


def test_of_calls_that_end_together_the_first_to_start_counts():
    agents = {"second": [(1, 2)], "first": [(0, 2)], "next": [(2, 3)]}
    assert path(agents) == ["first 0-2", "next 2-3"]


def test_of_calls_that_end_last_together_the_first_to_start_counts():
    assert path({"second": [(1, 3)], "first": [(0, 3)]}) == ["first 0-3"]
    # also where the other one belongs to no agent: there is no call yet that it could be "the same"
    # as
    assert path({"first": [(0, 3)], "": [(1, 3)]}) == ["first 0-3"]


def test_of_calls_that_end_together_the_same_agents_counts_before_the_first_to_start():
    agents = {"other": [(0, 2)], "same": [(1, 2), (2, 3)]}
    assert path(agents) == ["same 1-2", "same 2-3"]


def test_calls_end_together_that_are_less_than_half_a_millisecond_apart():
    agents = {"first": [(0, 2)], "second": [(1, 2.0004)], "next": [(2.001, 3)]}
    assert path(agents) == ["first 0-2", "next 2.001-3"]
    agents["second"] = [(1, 2.001)]
    assert path(agents) == ["second 1-2.001", "next 2.001-3"]


@pytest.mark.parametrize("overlap, expected", [(0.001, ["a 0-2"]), (0.002, [])])
def test_a_call_may_begin_a_millisecond_before_the_end_of_what_it_waited_for(overlap, expected):
    begin = 2 - overlap
    assert path({"a": [(0, 2)], "b": [(begin, 3)]}) == [*expected, f"b {begin:g}-3"]


@pytest.mark.parametrize("pause, expected", [(0.001, ["a 0-2"]), (0.002, [])])
def test_no_call_decided_where_something_went_on_after_the_last(pause, expected):
    assert path({"a": [(0, 2)]}, until=2 + pause) == expected


def test_a_cancelled_call_decides_what_begins_at_its_end():
    agents = {"late": [(0, 2, CANCELLED), (2, 3)], "early": [(0, 1)]}
    assert path(agents) == ["late 0-2", "late 2-3"]


@pytest.mark.parametrize(
    "pause, expected", [(0.001, ["late 0-2"]), (0.002, ["early 0-1"]), (1, ["early 0-1"])]
)
def test_a_cancelled_call_decides_nothing_that_begins_later(pause, expected):
    begin = 2 + pause
    agents = {"late": [(0, 2, CANCELLED), (begin, 4)], "early": [(0, 1)]}
    assert path(agents) == [*expected, f"late {begin:g}-4"]


def test_a_cancelled_call_decides_nothing_that_does_not_go_on_after_it():
    """A call that fails at the moment when another is given up did not wait for it."""
    agents = {"late": [(0, 2, CANCELLED)], "early": [(0, 1)], "failed": [(2, 2)]}
    assert path(agents) == ["early 0-1", "failed 2-2"]


def test_a_cancelled_call_decides_nothing_that_it_overlaps():
    agents = {"early": [(0, 1)], "late": [(0, 3, CANCELLED)], "next": [(2, 4)]}
    assert path(agents) == ["early 0-1", "next 2-4"]


def test_a_cancelled_call_is_never_the_last():
    assert path({"late": [(0, 2, CANCELLED)]}) == []
    assert path({"late": [(0, 2, CANCELLED)], "other": [(1, 2)]}) == ["other 1-2"]
    assert path({"late": [(0, 3, CANCELLED)], "other": [(1, 2)]}) == []


def test_of_calls_that_end_together_an_answered_one_counts_before_a_cancelled_one():
    agents = {"same": [(0, 2, CANCELLED), (2, 3)], "other": [(1, 2)]}
    assert path(agents) == ["other 1-2", "same 2-3"]


def test_of_calls_that_take_no_time_at_the_same_moment_one_decides():
    assert path({"a": [(1, 1), (1, 1)], "b": [(1, 1)]}) == ["a 1-1"]
    assert path({"a": [(1, 1)], "b": [(0, 1)], "c": [(1, 2)]}) == ["b 0-1", "c 1-2"]


def test_a_call_that_still_runs_is_the_last():
    """Read during the run."""
    seen = []

    async def look():
        jobs = asyncio.gather(agent("a", (0, 1), (1, 9)), agent("b", (0, 2)))
        await asyncio.sleep(3)
        seen.extend(critical_path(t))
        await jobs

    with trace() as t:
        run(look(), clock="virtual")
    assert [(call.agent, call.end) for call in seen] == [("a", 1.0), ("a", 3.0)]


def test_nothing_ran_and_nothing_decided():
    assert critical_path(traced({})) == []


def test_the_path_never_goes_back_in_time_and_leaves_no_gap_that_a_call_fills():
    """Every schedule of four calls that begin and end at 0, 1 or 2 s."""
    for calls in itertools.product([(0, 1), (0, 2), (1, 2)], repeat=4):
        t = traced({str(number): [one] for number, one in enumerate(calls)})
        found = critical_path(t)
        assert found and found[-1].end == t.seconds
        gaps = [(before.end, after.start) for before, after in itertools.pairwise(found)]
        assert all(end <= start for end, start in gaps)
        assert not any(end < one.end <= start for end, start in gaps for one in t.calls)
