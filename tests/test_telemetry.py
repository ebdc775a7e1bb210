"""What leaves the process as OpenTelemetry: one run is one trace, dated right, as the GenAI
conventions require it.
"""

import asyncio
import contextvars
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import anthropic
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes as genai
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.trace import SpanKind, StatusCode

from mas_helpers import HAIKU, Agent, ToolAgent, agent_span, fake_client, fan_out, run, trace
from mas_helpers.agents import ToolWarning
from mas_helpers.bench.tracing import spans
from mas_helpers.bench.tracing.export import PastProcessor


@pytest.fixture(scope="module")
def _exporter():
    exporter = InMemorySpanExporter()  # a provider has no way to take a processor off again
    spans.tracer_provider().add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


@pytest.fixture
def exported(_exporter):
    """The spans that have left the process since the test began."""
    _exporter.clear()
    return _exporter.get_finished_spans


def reply(seconds=2.0):
    return {"content": [{"type": "text", "text": "x"}], "seconds": seconds}


def agent(name="a", seconds=2.0, **options):
    return Agent(name, HAIKU, "", client=fake_client(lambda body: reply(seconds), **options))


async def both(*agents):
    return await asyncio.gather(*[one.run("?") for one in agents])


def roots(found):
    return [span for span in found if span.parent is None]


def seconds(span):
    return (span.end_time - span.start_time) / 1e9


def test_one_run_is_one_trace_with_one_root_also_without_a_trace_block(exported):
    run(both(agent("a", 200.0), agent("b", 300.0)), clock="virtual")
    found = exported()
    (root,) = roots(found)
    assert len({span.context.trace_id for span in found}) == 1
    assert root.name == "invoke_workflow both" and seconds(root) == 300.0
    assert {(s.name, seconds(s)) for s in found if s.parent == root.context} == {
        ("invoke_agent a", 200.0), ("invoke_agent b", 300.0),
    }  # fmt: skip
    assert sorted(seconds(s) for s in found if s.kind is SpanKind.CLIENT) == [200.0, 300.0]


def test_the_spans_of_a_replay_end_now_and_not_in_the_future(exported):
    before = time.time_ns()
    run(both(agent("a", 200.0), agent("b", 300.0)), clock="virtual")
    found, now = exported(), time.time_ns()
    assert before < max(span.end_time for span in found) <= now
    begins = {span.name: span.start_time for span in found}
    assert begins["invoke_agent a"] == begins["invoke_agent b"] == begins["invoke_workflow both"]
    attempts = [event for span in found for event in span.events if event.name == "attempt"]
    assert max(event.timestamp for event in attempts) <= now


def test_in_a_trace_each_run_has_a_root_and_the_seconds_are_those_of_the_trace(exported):
    async def turn():
        with trace() as inner:
            await both(agent("a"), agent("b"))
        return inner

    with trace() as t:
        run(both(agent("a"), agent("b")), clock="virtual")
        inner = run(turn(), clock="virtual")
    assert [root.name for root in roots(t.spans)] == [
        "invoke_workflow both",
        "invoke_workflow turn",
    ]
    assert [t.at(root.start_time) for root in roots(t.spans)] == [0.0, 2.0]
    assert len({span.context.trace_id for span in t.spans}) == 2
    assert roots(inner.spans) == [] and len(inner.calls) == 2
    assert len(exported()) == len(t.spans) == 10


def test_a_block_is_the_root_of_what_no_run_is_around():
    with trace() as t:
        asyncio.run(both(agent("a", 0.0), agent("b", 0.0)))
    assert [root.name for root in roots(t.spans)] == ["invoke_workflow trace"]
    assert len({span.context.trace_id for span in t.spans}) == 1


def test_a_run_inside_of_an_agent_is_a_part_of_it():
    with trace() as t, agent_span("above"):
        run(both(agent("a")), clock="virtual")
    assert [root.name for root in roots(t.spans)] == ["invoke_workflow trace"]
    assert len({span.context.trace_id for span in t.spans}) == 1


def test_a_run_that_opens_no_span_leaves_none(exported):
    with trace() as t:
        run(asyncio.sleep(3), clock="virtual")
    assert t.spans == [] and t.seconds == 3.0 and exported() == ()


# threads

sync = fake_client(lambda body: reply(0.0), sync=True)


def ask_sync():
    return sync.messages.create(model=HAIKU, max_tokens=9, messages=[]).id


def in_a_bare_thread(job):
    thread = threading.Thread(target=job)
    thread.start()
    thread.join()


def in_a_pool(job):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(job).result()


async def in_the_loops_pool():
    with ThreadPoolExecutor(1) as pool:
        await asyncio.get_running_loop().run_in_executor(pool, ask_sync)


async def in_a_thread_of_asyncio():
    await asyncio.to_thread(ask_sync)


@pytest.mark.parametrize("way", [in_the_loops_pool, in_a_thread_of_asyncio])
def test_calls_in_threads_of_a_run_are_below_its_root(way, exported):
    with trace() as t:
        run(way(), clock="virtual")
    (root,) = roots(t.spans)
    assert root.name == f"invoke_workflow {way.__name__}" and len(t.calls) == 1
    assert len({span.context.trace_id for span in exported()}) == 1

    run(way(), clock="virtual")  # without a block
    assert len(roots(exported())) == 2 and len({s.context.trace_id for s in exported()}) == 2


@pytest.mark.parametrize("way", [in_a_bare_thread, in_a_pool])
def test_a_thread_without_context_belongs_to_the_one_trace_that_is_open(way, capfd):
    with trace() as t:
        way(ask_sync)
        with trace() as inner:
            way(ask_sync)
    way(ask_sync)
    assert (len(t.calls), len(inner.calls)) == (2, 1)
    assert len({span.context.trace_id for span in t.spans}) == 1
    assert capfd.readouterr().err == ""


def test_a_call_of_which_nobody_knows_the_trace_is_said_once(capfd):
    spans._say_lost.cache_clear()
    opened, done = threading.Barrier(2), threading.Event()

    def another():
        with trace():
            opened.wait()
            done.wait()

    other = threading.Thread(target=another)
    other.start()
    with trace() as t:
        opened.wait()
        in_a_bare_thread(ask_sync)
        in_a_bare_thread(ask_sync)
        context = contextvars.copy_context()
        in_a_bare_thread(lambda: context.run(ask_sync))
    done.set()
    other.join()
    said = capfd.readouterr().err
    assert len(t.calls) == 1 and said.count("knows no trace") == 1
    assert "copy_context" in said


def test_a_task_from_before_the_block_is_not_in_it(capfd):
    spans._say_lost.cache_clear()

    async def main():
        early = asyncio.create_task(agent("early", 0.0).run("?"))
        with trace() as t:
            await agent("inside", 0.0).run("?")
            await early
        return t

    assert [call.agent for call in asyncio.run(main()).calls] == ["inside"]
    assert "knows no trace" in capfd.readouterr().err


# what the conventions require

COMMON = {genai.GEN_AI_OPERATION_NAME, genai.GEN_AI_PROVIDER_NAME}
REQUIRED = {  # with what is required where it is known, which here it is
    "invoke_workflow": COMMON | {genai.GEN_AI_WORKFLOW_NAME, genai.GEN_AI_AGENT_NAME},
    "invoke_agent": COMMON | {genai.GEN_AI_AGENT_NAME, genai.GEN_AI_REQUEST_MODEL},
    "execute_tool": COMMON
    | {genai.GEN_AI_TOOL_NAME, genai.GEN_AI_TOOL_CALL_ID, genai.GEN_AI_TOOL_TYPE},
    "chat": COMMON | {genai.GEN_AI_REQUEST_MODEL, genai.GEN_AI_AGENT_NAME},
}
NAMES = {
    "invoke_workflow": ("invoke_workflow {gen_ai.workflow.name}", SpanKind.INTERNAL),
    "invoke_agent": ("invoke_agent {gen_ai.agent.name}", SpanKind.INTERNAL),
    "execute_tool": ("execute_tool {gen_ai.tool.name}", SpanKind.INTERNAL),
    "chat": ("anthropic.messages.create", SpanKind.CLIENT),  # the SDK's own
}


def kinds_of(found):
    return {span.attributes[genai.GEN_AI_OPERATION_NAME]: span for span in found}


def tool_loop(tool, last=None):
    def model(body):
        if len(body["messages"]) == 1:
            use = {"type": "tool_use", "id": "toolu_1", "name": tool.__name__, "input": {}}
            return {"content": [use], "stop_reason": "tool_use", "seconds": 1.0}
        return last or reply()

    client = fake_client(model, max_retries=0)
    return ToolAgent("a", HAIKU, "", client=client, tools=[tool])


async def fine() -> str:
    """Is fine."""
    return "fine"


async def broken() -> str:
    """Is broken."""
    raise KeyError("what")


def test_every_kind_of_span_has_what_the_conventions_require(exported):
    run(tool_loop(fine).run("?"), clock="virtual")
    found = kinds_of(exported())
    assert found.keys() == REQUIRED.keys()
    for kind, span in found.items():
        assert REQUIRED[kind] <= span.attributes.keys(), kind
        name, span_kind = NAMES[kind]
        for attribute, value in span.attributes.items():
            name = name.replace("{" + attribute + "}", str(value))
        assert (span.name, span.kind) == (name, span_kind)
        assert ERROR_TYPE not in span.attributes and span.status.status_code != StatusCode.ERROR
    assert found["execute_tool"].attributes[genai.GEN_AI_TOOL_CALL_ID] == "toolu_1"


def test_every_span_that_failed_says_as_what(exported):
    failed = {"status": 400, "error": {"type": "invalid_request_error", "message": "no"}}
    with pytest.raises(anthropic.BadRequestError), pytest.warns(ToolWarning, match="broken broke"):
        run(tool_loop(broken, failed).run("?"), clock="virtual")
    found = {span.attributes[genai.GEN_AI_OPERATION_NAME]: span for span in exported()}
    assert {kind: span.attributes.get(ERROR_TYPE) for kind, span in found.items()} == {
        "chat": "invalid_request_error", "execute_tool": "KeyError",
        "invoke_agent": "BadRequestError", "invoke_workflow": "BadRequestError",
    }  # fmt: skip
    for span in found.values():
        assert span.status.status_code == StatusCode.ERROR
        for event in span.events:  # on the clock of the trace as well
            assert span.start_time <= event.timestamp <= span.end_time


def test_a_cancelled_agent_is_no_error(exported):
    async def main():
        async with asyncio.timeout(1):
            await agent().run("?")

    with pytest.raises(TimeoutError):
        run(main(), clock="virtual")
    found = kinds_of(exported())
    assert ERROR_TYPE not in found["invoke_agent"].attributes
    assert found["invoke_workflow"].attributes[ERROR_TYPE] == "TimeoutError"


def test_what_is_held_back_is_sent_when_the_process_shuts_down(exported):
    exporter = InMemorySpanExporter()
    processor = PastProcessor(SimpleSpanProcessor(exporter))
    sent = []
    exporter.export = sent.extend

    async def main():
        tracer = spans.tracer_provider().get_tracer("test")
        above = tracer.start_span("left open")
        below = tracer.start_span("below")
        for span in (above, below):
            processor.on_start(span)
        below.end()
        processor.on_end(below)

    run(main(), clock="virtual")
    assert sent == []
    processor.shutdown()
    assert [span.name for span in sent] == ["below"]


def test_a_fan_out_is_one_trace(exported):
    async def team():
        return await fan_out({name: agent(name).run("?") for name in ("a", "b")})

    run(team(), clock="virtual")
    assert len({span.context.trace_id for span in exported()}) == 1


# one trace reads its spans once


def test_calls_are_read_once_until_there_are_more(monkeypatch):
    with trace() as t:
        run(both(*[agent(f"a{n}") for n in range(20)]), clock="virtual")
    first = t.calls
    monkeypatch.setattr(spans.Trace, "_read_calls", lambda self: 1 / 0)
    assert t.calls == first and t.calls is not first and len(first) == 20
