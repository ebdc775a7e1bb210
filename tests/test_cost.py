"""Dollars come from the usage and genai-prices, for messages, calls, traces and recordings."""

import json

import pytest
from anthropic.types import Message

from mas_helpers import HAIKU, SONNET, Agent, ReplyError, cost_usd, fake_client, run, trace
from mas_helpers.agents.budget import Budget, BudgetReached
from mas_helpers.bench import UnknownPrice
from mas_helpers.bench.recordings import Exchange, Recording, Reply
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


def test_a_budget_counts_cache_writes():
    usage = {"input_tokens": 1, "output_tokens": 1, "cache_creation_input_tokens": 3000}
    with trace() as t:
        client = fake_client(
            lambda body: {"content": [{"type": "text", "text": "a"}], "usage": usage},
            middleware=[Budget(0.007, t)],  # 3,000 tokens written cost $0.0075
        )
        agent = Agent("a", SONNET, "s", client=client)
        run(agent.run("hi"))
        with pytest.raises(BudgetReached):
            run(agent.run("hi"))


def test_a_call_without_output_is_paid_for_its_input():
    usage = {"input_tokens": 1000, "output_tokens": 0}
    client = fake_client(lambda body: {"content": [], "stop_reason": "refusal", "usage": usage})
    with trace() as t, pytest.raises(ReplyError):
        run(Agent("a", SONNET, "s", client=client).run("hi"))
    assert cost_usd(t) == pytest.approx(0.002)


def test_a_budget_counts_each_call_once_however_many_follow(monkeypatch):
    """400 calls used to be summed before each of 400: the work grew with the square."""
    from mas_helpers.agents import budget as module

    counted = []
    monkeypatch.setattr(module, "cost_usd", lambda call: counted.append(call) or cost_usd(call))
    with trace() as t:
        budget = Budget(1.0, t)
        client = fake_client(lambda body: "yes", middleware=[budget])

        async def asked_in_turn():
            for _ in range(40):
                await Agent("a", HAIKU, "", client=client).run("?")

        run(asked_in_turn())
    budget.paid_usd()
    assert len(counted) == len(t.calls) == 40
