"""A trace reads each span once, and tells how far it has come at any moment."""

import asyncio
import gc
import threading
import time
from types import SimpleNamespace

import pytest

from mas_helpers import HAIKU, Agent, connect, cost_usd, fake_client, run, trace
from mas_helpers.agents.budget import Budget
from mas_helpers.bench import ModeError, Trace
from mas_helpers.bench.tracing import spans
from mas_helpers.bench.tracing.call import Call, conversations
from mas_helpers.bench.transports.record import abandon_all

SLOW = {"content": [{"type": "text", "text": "x"}], "seconds": 2.0}


def agent(client):
    return Agent("a", HAIKU, "s", client=client)


@pytest.fixture(autouse=True)
def _no_recording_goes_on():
    yield
    abandon_all()


@pytest.fixture
def parsed(monkeypatch):
    """The span ids that were parsed, in order."""
    ids = []

    def counting(span, *rest):
        ids.append(span.context.span_id)
        return call_from(span, *rest)

    call_from = spans.call_from
    monkeypatch.setattr(spans, "call_from", counting)
    return ids


def test_a_budget_reads_the_span_of_each_ended_call_once(parsed):
    with trace() as t:
        client = fake_client(lambda body: dict(SLOW), middleware=[Budget(9.0, t)])

        async def main():
            for _ in range(50):
                await agent(client).run("?")

        run(main(), clock="virtual")
    cost_usd(t)
    # the budget is asked inside the span of each call, and looks only at what has ended
    assert len(t.calls) == 50 and len(parsed) == 50


def test_a_call_that_is_open_is_read_anew_until_it_has_ended(parsed):
    async def main():
        task = asyncio.create_task(agent(fake_client(lambda body: dict(SLOW))).run("?"))
        seen = []
        for _ in range(3):
            await asyncio.sleep(0.75)
            seen += [(call.error, call.seconds) for call in t.calls]
        await task
        return seen

    with trace() as t:
        assert run(main(), clock="virtual") == [
            ("still running", 0.75),
            ("still running", 1.5),
            ("", 2.0),
        ]
    assert t.calls == t.calls and len(parsed) == 3


def test_two_traces_of_one_call_date_it_each_from_its_own_begin():
    with trace() as outer:
        run(asyncio.sleep(3), clock="virtual")
        with trace() as inner:
            run(agent(fake_client(lambda body: dict(SLOW))).run("?"), clock="virtual")
    assert [(c.start, c.end) for c in outer.calls + inner.calls] == [(3.0, 5.0), (0.0, 2.0)]


def test_a_trace_that_is_over_stands_still_whatever_ends_later():
    provider = spans.tracer_provider()
    with trace() as t:
        open_span = provider.get_tracer("test").start_span("left open")
    seconds = t.seconds
    time.sleep(0.02)
    open_span.end()
    assert t.seconds == seconds == t.now()


def test_now_goes_on_in_a_real_wait_where_seconds_stand_still():
    async def main():
        task = asyncio.create_task(agent(fake_client(lambda body: dict(SLOW))).run("?"))
        await asyncio.sleep(0.05)
        first = t.seconds, t.now()
        time.sleep(0.05)
        second = t.now(), t.now()
        task.cancel()
        return first, second

    with trace() as t:
        (seconds, earlier), (later, latest) = run(main(), clock="real")
    assert seconds <= earlier and earlier + 0.03 < later <= latest


def test_now_is_the_virtual_clock_in_every_thread():
    seen = []

    async def main():
        with spans.agent_span("a"):
            await asyncio.sleep(4)
            thread = threading.Thread(target=lambda: seen.append((t.now(), t.seconds)))
            thread.start()
            thread.join()

    with trace() as t:
        run(main(), clock="virtual")
    assert seen == [(4.0, 4.0)]


# what `run` does depends on its arguments, its clients and MAS_MODE, not on who called connect last


def test_a_fake_client_is_virtual_whatever_other_clients_there_are(tmp_path):
    connect("any", mode="live", api_key="placeholder")
    connect("any", mode="record", folder=tmp_path, api_key="placeholder")
    began = time.perf_counter()
    with trace() as t:
        run(agent(fake_client(lambda body: dict(SLOW))).run("?"))
    assert t.seconds == 2.0 and time.perf_counter() - began < 1.5


@pytest.mark.parametrize("mode", ["live", "record"])
def test_a_run_becomes_real_when_a_client_asks_the_network(mode, stand_in, tmp_path):
    async def main(client):
        await asyncio.sleep(60)
        virtual = t.seconds
        await agent(client).run("?")
        asked = time.perf_counter()
        await asyncio.sleep(0.3)
        return virtual, time.perf_counter() - asked

    with stand_in(entries=[{"replies": [{"text": "Hello.", "seconds": 0.4}]}]) as url, trace() as t:
        client = connect("x", mode=mode, folder=tmp_path, base_url=url, api_key="placeholder")
        virtual, slept = run(main(client))
    assert virtual == 60.0
    (call,) = t.calls
    assert call.start == 60.0 and call.seconds > 0.35
    assert slept > 0.25 and 60.6 < t.seconds < 90


def test_mas_mode_live_makes_a_run_real_from_its_begin(monkeypatch):
    monkeypatch.setenv("MAS_MODE", "live")

    async def main():
        began = time.perf_counter()
        await asyncio.sleep(0.1)
        return time.perf_counter() - began

    assert run(main()) > 0.05


@pytest.mark.parametrize("mode", ["live", "record"])
def test_a_virtual_clock_asked_for_by_name_refuses_the_network(mode, tmp_path):
    client = connect("x", mode=mode, folder=tmp_path, api_key="placeholder", max_retries=0)
    with pytest.raises(ModeError, match="network connection was asked for on the virtual clock"):
        run(agent(client).run("?"), clock="virtual")
    assert not list(tmp_path.iterdir())


# the steps of a tool loop are one conversation


def step(tool_results, start, prompt="Who?", name="a"):
    return Call(
        agent=name, model=HAIKU, start=start, end=start + 1.0, input_tokens=10, output_tokens=1,
        cache_read_tokens=2, cache_write_tokens=3, stop_reason="", error="", retries=1,
        prompt=prompt, answer=f"at {start}", tool_results=tool_results,
    )  # fmt: skip


def test_the_steps_of_a_tool_loop_are_one_call_with_their_sums():
    (loop,) = conversations([step("", 0.0), step("one", 2.0), step("one\n\ntwo", 4.0)])
    assert (loop.start, loop.end, loop.answer, loop.tool_results) == (
        0.0, 5.0, "at 4.0", "one\n\ntwo",
    )  # fmt: skip
    assert (loop.input_tokens, loop.output_tokens, loop.retries) == (30, 3, 3)
    assert (loop.cache_read_tokens, loop.cache_write_tokens) == (6, 9)


@pytest.mark.parametrize(
    "later",
    [
        step("other", 2.0),  # what its tools returned does not continue the first one's
        step("one", 2.0),  # nothing new came from tools: the same question once more
        step("one\n\ntwo", 0.5),  # it began before the first had ended
        step("one\n\ntwo", 2.0, prompt="Where?"),
        step("one\n\ntwo", 2.0, name="b"),
    ],
)
def test_what_does_not_continue_a_tool_loop_stands_by_itself(later):
    first = step("one", 0.0)
    assert conversations([first, later]) == [first, later]


def span(name, number, parent, start, agent=""):
    status = SimpleNamespace(is_ok=True, status_code=SimpleNamespace(name="OK"))
    return SimpleNamespace(
        name=name, context=SimpleNamespace(span_id=number, trace_id=1), events=(), status=status,
        parent=SimpleNamespace(span_id=parent, trace_id=1) if parent else None,
        start_time=start, end_time=start + 5, attributes={"gen_ai.agent.name": agent},
    )  # fmt: skip


def test_calls_that_began_together_stand_as_their_agents_did():
    first, second = span("invoke_agent a", 1, 0, 10), span("invoke_agent b", 2, 0, 10)
    create = "anthropic.messages.create"
    of_b, of_a = span(create, 3, 2, 20, "b"), span(create, 4, 1, 20, "a")
    earlier, alone = span(create, 5, 2, 15, "earlier"), span(create, 6, 0, 20, "alone")
    t = Trace(spans=[first, second, of_b, of_a, earlier, alone])
    assert [call.agent for call in t.calls] == ["earlier", "alone", "a", "b"]


def test_a_call_leaves_nothing_that_only_the_garbage_collector_frees():
    """Else the collector's work grows with the number of calls that are under way."""
    agent = Agent("a", HAIKU, "s", client=fake_client(lambda body: "yes"))

    async def left_by(calls):
        gc.collect()
        gc.disable()
        try:
            for _ in range(calls):
                await agent.run("hi")
            return gc.collect()
        finally:
            gc.enable()

    run(left_by(1))
    assert run(left_by(20)) < 20
