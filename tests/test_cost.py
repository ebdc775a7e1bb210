"""Dollars come from the usage and genai-prices, for messages, calls, traces and recordings."""

import asyncio
import copy
import json
import pickle
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import anthropic
import httpx2
import pytest
from anthropic.types import Message

from mas_helpers import (
    HAIKU,
    SONNET,
    Agent,
    ReplyError,
    cost_table,
    cost_usd,
    fake_client,
    run,
    trace,
)
from mas_helpers.agents.failures import NoAnswer, PaidWork
from mas_helpers.bench import UnknownPrice, spent_by, tracer_provider
from mas_helpers.bench.recordings import Exchange, Recording, Reply
from mas_helpers.bench.tracing.cost import Cost, dollars, reply_cost, say_unknown
from mas_helpers.bench.tracing.usage import StreamedUsage
from mas_helpers.bench.trials import calls_over_budget, run_trial
from mas_helpers.course import live_cost


def message(model=SONNET, **usage):
    return {
        "id": "m", "type": "message", "role": "assistant", "model": model, "content": [],
        "stop_reason": "end_turn", "stop_sequence": None,
        "usage": {"input_tokens": 0, "output_tokens": 0, **usage},
    }  # fmt: skip


def priced(**usage):
    return cost_usd(Message.model_validate(message(**usage)))


def test_a_message_is_priced_in_full():
    writes = {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 2000}
    cached = {
        "cache_creation_input_tokens": 3000,
        "cache_creation": writes,
        "cache_read_input_tokens": 10000,
    }
    # sonnet-5-5 per million: 2 in, 10 out, 2.50 and 4 written, 0.10 read (platform.claude.com,
    # 2026-11-20)
    by_hand = (2000 * 2 + 500 * 10 + 1000 * 2.5 + 2000 * 4 + 10000 * 0.1) / 1e6
    assert priced(input_tokens=2000, output_tokens=500, **cached) == pytest.approx(by_hand)
    assert priced(
        server_tool_use={"web_search_requests": 2, "web_fetch_requests": 0}
    ) == pytest.approx(0.02)


def test_a_trace_costs_what_its_calls_cost_and_a_failed_call_costs_nothing():
    answers = [
        {"usage": {"input_tokens": 1000, "output_tokens": 100}},
        {"status": 400, "error": {"type": "x"}},
    ]
    client = fake_client(
        lambda body: {"content": [{"type": "text", "text": "a"}], **answers[len(t.calls) - 1]}
    )
    agent = Agent("a", HAIKU, "s", client=client)
    with trace() as t:
        run(agent.run("hi"))
        with pytest.raises(Exception, match="400"):
            run(agent.run("hi"))
    assert [cost_usd(call) for call in t.calls] == pytest.approx([0.00015, 0.0])
    assert cost_usd(t) == pytest.approx(0.00015)


def test_an_unknown_model_is_named():
    with pytest.raises(UnknownPrice, match="No price is known for 'claude-haiku-4'"):
        priced(model="claude-haiku-4", input_tokens=1)


def exchange(reply):
    return Exchange("", {"method": "POST", "path": "/v1/messages", "body": {}}, reply)


def test_the_live_cost_of_a_recording_counts_plain_and_streamed_replies_and_skips_errors(tmp_path):
    start = {"type": "message_start", "message": message(input_tokens=1000)}
    end = {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 100}}
    data = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in (start, end))
    Recording("x", exchanges=[
        exchange(Reply(200, 2.0, {}, message(input_tokens=1000, output_tokens=100))),
        exchange(Reply(200, 0.5, {}, events=[
            {"at": 0.5, "data": data}, {"at": 3.0, "data": "event: ping\n\n"},
        ])),
        exchange(Reply(529, 1.0, {}, {"type": "error", "error": {"type": "overloaded_error"}})),
    ]).save(tmp_path / "x.yaml")  # fmt: skip
    (cost,) = live_cost(tmp_path)
    assert (cost.lesson, cost.calls, cost.input_tokens, cost.output_tokens, cost.seconds) == (
        "x",
        3,
        2000,
        200,
        6.0,
    )
    assert cost.cost_usd == pytest.approx(2 * 0.003)


CACHED = {
    "input_tokens": 2000,
    "output_tokens": 500,
    "cache_creation_input_tokens": 3000,
    "cache_read_input_tokens": 10000,
}


def test_cache_writes_cost_as_much_in_a_call_and_a_trace_as_in_the_message():
    client = fake_client(lambda body: {"content": [{"type": "text", "text": "a"}], "usage": CACHED})
    agent = Agent("a", SONNET, "s", client=client)
    with trace() as t:
        message = run(agent.reply("hi"))
        run(agent.run("hi"))
    # per million, as above: 2 in, 10 out, 2.50 written, 0.10 read
    by_hand = (2000 * 2 + 500 * 10 + 3000 * 2.5 + 10000 * 0.1) / 1e6
    assert cost_usd(message) == pytest.approx(by_hand)
    assert [cost_usd(call) for call in t.calls] == pytest.approx([by_hand] * 2)
    assert cost_usd(t) == pytest.approx(2 * by_hand)


def test_a_call_without_output_is_paid_for_its_input():
    usage = {"input_tokens": 1000, "output_tokens": 0}
    client = fake_client(lambda body: {"content": [], "stop_reason": "refusal", "usage": usage})
    with trace() as t, pytest.raises(ReplyError):
        run(Agent("a", SONNET, "s", client=client).run("hi"))
    assert cost_usd(t) == pytest.approx(0.002)


def asked(usage, times=1, model=SONNET):
    """The messages and the trace of so many calls at once, each of which reported that usage."""
    client = fake_client(lambda body: {"content": [{"type": "text", "text": "a"}], "usage": usage})
    agent = Agent("a", model, "s", client=client)

    async def main():
        return await asyncio.gather(*[agent.reply("?") for _ in range(times)])

    with trace() as t:
        messages = run(main(), clock="virtual")
    return messages, t


def test_ten_calls_cost_ten_times_one_to_the_last_digit():
    _, t = asked({"input_tokens": 1000, "output_tokens": 100}, times=10, model=HAIKU)
    assert cost_usd(t) == 0.0015 == sum(cost_usd(call) for call in t.calls)
    assert sum([0.00015] * 10) != 0.0015  # what floats make of it


HOUR = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 344_139}
USAGES = {
    # 344,139 tokens at $10 per million; at the price of five minutes it would be $2.15
    "written for an hour": (
        "claude-opus-5",
        {"cache_creation_input_tokens": 344_139, "cache_creation": HOUR},
        3.44139,
    ),
    "two web searches": (
        SONNET,
        {"input_tokens": 1000, "server_tool_use": {"web_search_requests": 2}},
        0.022,
    ),
    "a prompt beyond 100,000 tokens": (HAIKU, {"input_tokens": 101_000}, 0.0505),
    "a prompt below": (HAIKU, {"input_tokens": 99_000}, 0.0099),
    "a batch": (SONNET, {"input_tokens": 1000, "service_tier": "batch"}, 0.001),
    "a gateway's name of it, at its price": (
        "us.anthropic.claude-opus-5-5-v1:0",
        {"input_tokens": 1000, "output_tokens": 1000},
        0.0264,
    ),
}


@pytest.mark.parametrize("model, usage, usd", USAGES.values(), ids=USAGES)
def test_message_call_trace_recording_and_table_agree(model, usage, usd, tmp_path):
    usage = {"input_tokens": 0, "output_tokens": 0, **usage}
    (reply,), t = asked(usage, model=model)
    (call,) = t.calls
    body = message(model, **usage)
    Recording("x", exchanges=[exchange(Reply(200, 1.0, {}, body))]).save(tmp_path / "x.yaml")
    (recorded,) = live_cost(tmp_path)
    found = cost_usd(reply), cost_usd(call), cost_usd(t), recorded.cost_usd
    assert found == (usd,) * 4
    assert str(cost_table(t)).count(dollars(usd)) == 2  # the call and the sum


def test_a_stream_costs_what_its_last_event_says():
    start = message(input_tokens=1000, output_tokens=1)
    events = [
        {"type": "message_start", "message": start},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
         "usage": {"output_tokens": 100, "server_tool_use": {"web_search_requests": 1}}},
        {"type": "message_stop"},
    ]  # fmt: skip
    data = "".join(f"event: {e['type']}\r\ndata: {json.dumps(e)}\r\n\r\n" for e in events)
    streamed = StreamedUsage()
    for byte in data.encode():  # wherever it is cut
        streamed.feed(bytes([byte]))
    assert streamed.is_over and streamed.billed["usage"]["output_tokens"] == 100
    assert cost_usd_of(streamed.billed) == 0.013


def cost_usd_of(billed):
    return reply_cost(billed["model"], billed["usage"])


def test_a_reply_that_a_retry_replaced_is_paid_all_the_same():
    """A middleware that does not like the first answer has it asked again."""

    async def picky(request, call_next):
        response = await call_next(request)
        if request.retries_taken == 0:
            raise anthropic.RetryableError("not good enough")
        return response

    usage = {"input_tokens": 1000, "output_tokens": 100}
    client = fake_client(lambda body: {"content": [{"type": "text", "text": "a"}], "usage": usage},
                         middleware=[picky])  # fmt: skip
    with trace() as t:
        run(Agent("a", HAIKU, "", client=client).run("?"), clock="virtual")
    (call,) = t.calls
    assert cost_usd(t) == 0.0003 and (call.input_tokens, call.output_tokens) == (2000, 200)


def test_a_trace_counts_what_it_can_and_names_the_rest(capfd):
    say_unknown.cache_clear()
    usage = {"input_tokens": 1000, "output_tokens": 100}
    client = fake_client(lambda body: {"content": [{"type": "text", "text": "a"}], "usage": usage})
    with trace() as t:
        for model in ("my-own-model", HAIKU, "my-own-model"):
            run(Agent("a", model, "", client=client).run("?"), clock="virtual")
    cost = cost_usd(t)
    assert cost == 0.00015 and cost.unknown == ("my-own-model",)
    assert repr(cost) == "0.00015 + unknown: my-own-model"
    cost_usd(t)
    assert capfd.readouterr().err.count("No price is known for 'my-own-model'") == 1
    with pytest.raises(UnknownPrice):
        cost_usd(t.calls[0])


def test_a_call_is_priced_by_the_list_of_its_day():
    """sonnet-4-6 had a higher price for long prompts until 2026-03-13 (genai-prices 0.2.3)."""
    _, t = asked({"input_tokens": 300_000, "output_tokens": 0}, model="claude-sonnet-4-6")
    (call,) = t.calls
    assert call.day == datetime.now(UTC).date().isoformat()
    now, before = cost_usd(call), cost_usd(replace(call, day="2026-03-01"))
    assert (now, before) == (0.9, 1.8)


def test_a_changed_call_is_priced_as_it_is_now():
    usage = {"input_tokens": 1000, "output_tokens": 100}
    _, t = asked(usage | {"server_tool_use": {"web_search_requests": 1}})
    (call,) = t.calls
    assert cost_usd(call) == 0.013
    assert cost_usd(replace(call, output_tokens=0)) == 0.002
    assert cost_usd(replace(call, model=HAIKU)) == 0.01015


def test_a_call_of_another_client_is_priced_by_what_its_span_says():
    """The SDK's client with our provider, and without what connect() adds."""

    def answer(request):
        usage = {"cache_creation_input_tokens": 344_139, "cache_creation": HOUR}
        return httpx2.Response(200, json=message("claude-opus-5", **usage))

    http_client = anthropic.DefaultHttpxClient(transport=httpx2.MockTransport(answer))
    client = anthropic.Anthropic(
        api_key="k", http_client=http_client, open_telemetry={"tracer_provider": tracer_provider()}
    )
    with trace() as t:
        client.messages.create(model="claude-opus-5", max_tokens=9, messages=[])
    assert cost_usd(t) == 3.44139 and t.calls[0].cache_write_tokens == 344_139


def test_an_amount_is_a_number_that_adds_up_exactly():
    third = Cost(Decimal("0.1"), ("x",))
    both = third + third + Cost(Decimal("0.1"), ("y",))
    assert both == 0.3 and both.unknown == ("x", "y")
    assert copy.deepcopy(both) == pickle.loads(pickle.dumps(both)) == 0.3
    assert pickle.loads(pickle.dumps(both)).unknown == both.unknown
    assert third + 1.0 == 1.1 and type(third * 2) is float and json.dumps(third) == "0.1"


def test_what_was_spent_by_role_is_the_whole_and_names_what_is_not_known():
    usage = {"input_tokens": 1000, "output_tokens": 100, "cache_read_input_tokens": 10_000}
    client = fake_client(lambda body: {"content": [{"type": "text", "text": "a"}], "usage": usage})
    with trace() as t:
        for name, model in [("a", HAIKU), ("b", SONNET), ("c", SONNET), ("d", "my-own-model")]:
            run(Agent(name, model, "", client=client).run("?"), clock="virtual")
    by_agent = spent_by(t, lambda call: call.agent)
    assert by_agent == {"b": 0.004, "c": 0.004, "a": 0.00025, "d": 0}
    assert list(by_agent) == ["b", "c", "a", "d"] and by_agent["d"].unknown == ("my-own-model",)
    by_role = spent_by(t, lambda call: "lead" if call.agent == "a" else "worker")
    assert list(by_role.items()) == [("worker", 0.008), ("lead", 0.00025)]
    assert sum(by_role.values(), Cost()) == cost_usd(t) == 0.00825
    assert by_role["worker"].unknown == cost_usd(t).unknown == ("my-own-model",)
    with trace() as nothing:
        pass
    assert spent_by(nothing, lambda call: call.agent) == {}


def test_a_price_is_that_of_the_day_also_for_who_asks_again_later(monkeypatch):
    """A process that runs for weeks asks for today's price again and again."""
    usage = {"input_tokens": 300_000, "output_tokens": 0}
    days = iter([datetime(2026, 3, 12, tzinfo=UTC), datetime(2026, 3, 13, tzinfo=UTC)])
    clock = type("clock", (datetime,), {"now": classmethod(lambda cls, zone: next(days))})
    monkeypatch.setattr("mas_helpers.bench.tracing.cost.datetime", clock)
    assert [reply_cost("claude-sonnet-4-6", usage) for _ in range(2)] == [1.8, 0.9]


def test_what_was_paid_before_a_failure_counts_what_is_known_and_names_the_rest():
    usage = {"input_tokens": 1000, "output_tokens": 100}
    (known,), _ = asked(usage, model=HAIKU)
    (unknown,), _ = asked(usage, model="my-own-model")
    failure = NoAnswer("no answer")
    failure.paid = [PaidWork("a", "?", "x", known), PaidWork("b", "?", "x", unknown)]
    failure.paid.append(PaidWork("c", "?", "x"))
    assert failure.cost_usd == 0.00015 and failure.cost_usd.unknown == ("my-own-model",)


def test_calls_over_a_budget_are_found_beside_one_to_a_model_without_a_price():
    usage = {"input_tokens": 1000, "output_tokens": 100}
    reply = {"content": [{"type": "text", "text": "a"}], "usage": usage, "seconds": 1.0}
    client = fake_client(lambda body: reply)

    async def system():
        for model in ("my-own-model", HAIKU, SONNET):
            await Agent("w", model, "", client=client).run("?")

    (problem,) = calls_over_budget(run_trial(system), 0.0001)
    assert problem.startswith("w was asked when $0.0001") and problem.endswith("of $0.0001")
