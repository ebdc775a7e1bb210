"""A live call through `connect` costs about as much as the SDK's own: no span that nobody gets, and
few steps of ours. It counts steps, because seconds depend on what else the machine does.
"""

import asyncio
import sys

import anthropic
import httpx2
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mas_helpers import HAIKU, Agent, Fault, agent_span, connect, fake_client, fan_out, run, trace
from mas_helpers.bench.tracing import spans
from mas_helpers.bench.transports import network

CALLS = 20
CONNECT, AGENT = 1.06, 1.09  # times the steps of the SDK's own call
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": HAIKU,
    "stop_reason": "end_turn", "stop_sequence": None,
    "usage": {"input_tokens": 300, "output_tokens": 2},
    "content": [{"type": "text", "text": "Counted."}],
}  # fmt: skip


async def answer(request):
    return httpx2.Response(200, json=MESSAGE)


def pool():
    return anthropic.DefaultAsyncHttpxClient(transport=httpx2.MockTransport(answer))


@pytest.fixture
def unheard(monkeypatch):
    """Nobody gets spans outside a trace, whatever other tests have added."""
    monkeypatch.setattr(spans, "_listeners", [])
    monkeypatch.setattr(network, "new_pool", pool)


@pytest.fixture
def made(unheard, monkeypatch):
    """The names of the spans that were made."""
    names, start = [], spans.ClockedTracer._start

    def counted(self, scope, name, *args, **kwargs):
        names.append(name)
        return start(self, scope, name, *args, **kwargs)

    monkeypatch.setattr(spans.ClockedTracer, "_start", counted)
    return names


def live_agent(**options):
    client = connect("x", mode="live", api_key="k", **options)
    return Agent("counter", HAIKU, "You count.", client=client)


async def ask(agent, times=2):
    return await fan_out({str(n): agent.run("How many loans in May?") for n in range(times)})


def steps_of(job):
    """How many functions are called, in Python and in C, while the job runs."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    async def counted():
        await job()  # what is done once
        sys.setprofile(note)
        try:
            await job()
        finally:
            sys.setprofile(None)

    asyncio.run(counted())
    return count


def test_a_live_call_takes_few_steps_more_than_that_of_the_sdk(unheard):
    raw = anthropic.AsyncAnthropic(api_key="k", http_client=pool())
    messages = [{"role": "user", "content": "How many loans in May?"}]
    asked = {"model": HAIKU, "system": "You count.", "max_tokens": 4000, "messages": messages}
    agent = live_agent()

    async def by_the_sdk():
        await asyncio.gather(*(raw.messages.create(**asked) for _ in range(CALLS)))

    async def by_connect():
        await asyncio.gather(*(agent.client.messages.create(**asked) for _ in range(CALLS)))

    sdk = steps_of(by_the_sdk)
    assert steps_of(by_connect) / sdk < CONNECT
    assert steps_of(lambda: ask(agent, CALLS)) / sdk < AGENT


def test_where_nobody_listens_no_span_is_made(made):
    agent = live_agent()
    asyncio.run(ask(agent))
    run(ask(agent), clock="real")
    assert made == []


def test_a_trace_gets_every_span_and_each_attempt(made):
    agent = live_agent()

    async def inside():
        await ask(agent)
        with trace() as t:
            await ask(agent)
        return t

    t = asyncio.run(inside())
    assert len(made) == 5 and len(t.spans) == 5  # the root, two agents, two calls
    assert [(call.agent, len(call.attempts), call.output_tokens) for call in t.calls] == [
        ("counter", 1, 2),
        ("counter", 1, 2),
    ]


def test_whoever_is_added_to_the_provider_gets_spans_without_a_trace(made, monkeypatch):
    monkeypatch.setattr(spans, "_listeners", ["somebody"])
    asyncio.run(ask(live_agent()))
    assert sorted(made) == ["anthropic.messages.create"] * 2 + ["invoke_agent counter"] * 2


def other_provider():
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter, provider


def test_a_provider_of_your_own_gets_the_spans_of_its_client(made):
    exporter, provider = other_provider()
    asyncio.run(ask(live_agent(open_telemetry={"tracer_provider": provider})))
    found = exporter.get_finished_spans()
    assert [span.name for span in found] == ["anthropic.messages.create"] * 2
    assert [event.name for event in found[0].events] == ["attempt", "usage"]
    assert made == []


def test_a_call_that_nobody_gets_writes_nothing_on_a_span_of_yours(made):
    exporter, provider = other_provider()
    with provider.get_tracer("mine").start_as_current_span("mine"):
        asyncio.run(ask(live_agent()))
    (mine,) = exporter.get_finished_spans()
    assert mine.events == () and made == []


def test_the_agent_is_known_and_may_write_on_its_span_where_nobody_gets_it(made):
    with agent_span("outer") as outer, agent_span("inner") as inner:
        inner.set_attribute("seen", 1)
        assert spans.current_agent() == "inner" and not outer.is_recording()
    assert spans.current_agent() == "" and made == []


def test_a_fault_hits_the_same_call_in_each_attempt_where_nobody_listens(unheard):
    """Two calls at once: the first fails, is retried after the second, and is still the first."""
    fault = Fault("overloaded", agent="counter", call=1, attempts=2)
    client = fake_client(lambda body: "Counted.", faults=[fault])
    run(ask(Agent("counter", HAIKU, "", client=client)), clock="virtual")
    assert client._client._transport.hit == [fault, fault]


def test_a_retry_waits_as_long_where_nobody_listens(unheard):
    """0.5 s on the virtual clock, exactly, as in a trace."""

    async def seconds():
        began = asyncio.get_running_loop().time()
        await ask(Agent("counter", HAIKU, "", client=fake_client(answers.pop)), 1)
        return asyncio.get_running_loop().time() - began

    failing = {"status": 529, "seconds": 1.0}
    for listens in (False, True):
        answers = Answers([failing, {"content": MESSAGE["content"], "seconds": 2.0}])
        if listens:
            with trace():
                assert run(seconds(), clock="virtual") == 3.5
        else:
            assert run(seconds(), clock="virtual") == 3.5


class Answers:
    def __init__(self, answers):
        self.answers = answers

    def pop(self, body):
        return self.answers.pop(0)
