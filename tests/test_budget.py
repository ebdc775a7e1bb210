"""A budget holds: at once, in streams, threads and retries, and never by refusing what is cheap."""

import asyncio
import contextlib
import gc
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal

import anthropic
import httpx2
import pytest

from mas_helpers import HAIKU, OPUS, SONNET, Agent, cost_usd, fake_client, run, trace
from mas_helpers.agents.budget import Budget, BudgetReached, most_usd, unlike_before
from mas_helpers.bench.tracing.cost import Cost

CENT = {"input_tokens": 1000, "output_tokens": 800}  # of sonnet-5-5: $0.01


def answer(usage=CENT, seconds=2.0):
    return lambda body: {
        "content": [{"type": "text", "text": "x"}], "seconds": seconds, "usage": usage,
    }  # fmt: skip


def ask(budget, count, usage=CENT, model=SONNET, **options):
    """What became of so many agents at once, and their trace."""
    client = fake_client(answer(usage), middleware=[budget])
    workers = [Agent(f"w{n}", model, "s", client=client, **options) for n in range(count)]

    async def main():
        jobs = [worker.run("?") for worker in workers]
        return await asyncio.gather(*jobs, return_exceptions=True)

    with trace() as t:
        return run(main(), clock="virtual"), t


@pytest.mark.parametrize("count", [1, 3, 10, 100])
def test_a_budget_is_not_exceeded_however_many_ask_at_once(count):
    budget = Budget(0.05)
    results, t = ask(budget, count)
    refused = [result for result in results if isinstance(result, BudgetReached)]
    assert cost_usd(t) == budget.paid_usd() == min(count, 5) / 100
    assert len(refused) == len(budget.reached) == max(0, count - 5)
    assert all("The budget of $0.05 is reached, so the w" in reason for reason in budget.reached)


def test_cheap_calls_are_not_refused_for_what_they_might_have_cost():
    """Each may cost $0.04, and two of them do not fit together; each does cost $0.0004."""
    budget = Budget(0.05)
    results, t = ask(budget, 100, {"input_tokens": 100, "output_tokens": 20})
    assert budget.reached == [] and results == ["x"] * 100
    assert cost_usd(t) == 0.04


def test_those_that_fit_go_at_once():
    _, t = ask(Budget(1.0), 20, max_tokens=1000)  # $0.011 each at the most
    assert t.seconds == 2.0
    _, t = ask(Budget(1.0), 20)  # $0.041: 24 of them fit
    assert t.seconds == 2.0
    _, t = ask(Budget(0.5), 20)
    assert t.seconds == 4.0


def test_a_call_dearer_than_all_before_it_is_the_most_that_it_can_be_over():
    costs = iter([100, 100, 4000])  # tokens
    client = fake_client(
        lambda body: answer({"input_tokens": 0, "output_tokens": next(costs)})(body),
        middleware=[budget := Budget(0.004)],
    )

    async def main():
        for _ in range(3):
            await Agent("w", SONNET, "", client=client).run("?")

    run(main(), clock="virtual")
    assert budget.paid_usd() == 0.042 and budget.reached == []


def test_a_strict_budget_is_never_over_and_says_what_it_would_need():
    budget = Budget(0.05, strict=True)
    results, _ = ask(budget, 10)
    assert budget.paid_usd() == 0.01 and sum(result == "x" for result in results) == 1
    assert budget.reached[0] == (
        "The budget of $0.05 has no room for it, so the w1 was not asked: $0.010 are paid, and "
        "such a call may cost $0.040."
    )
    assert ask(Budget(0.05, strict=True), 10, max_tokens=900)[0].count("x") == 5


def test_the_most_that_a_call_may_cost_is_its_output_and_a_token_for_each_byte():
    body = {
        "model": SONNET,
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": "é" * 99}],
    }
    size = len(json.dumps(body, ensure_ascii=False).encode())
    assert size > 198 and most_usd(body) == pytest.approx((size * 2 + 1000 * 10) / 1e6)
    cached = [{"role": "user", "content": "x" * 1000, "cache_control": {"ttl": "1h"}}]
    body["messages"] = cached
    assert most_usd(body) == pytest.approx((len(json.dumps(body)) * 4 + 1000 * 10) / 1e6)
    assert most_usd({"model": SONNET, "messages": []}) == most_usd(None) == 0  # counts tokens


def test_what_failed_or_was_given_up_is_given_back():
    async def main():
        for kind in ("status", "cancelled"):
            with pytest.raises((anthropic.APIError, TimeoutError)):
                async with asyncio.timeout(1):
                    await Agent(kind, SONNET, kind, client=client).run("?")
        return await asyncio.gather(*[Agent("w", SONNET, "", client=client).run("?")] * 1)

    def model(body):
        if body["system"] == "status":
            return {"status": 400, "error": {"type": "x"}}
        return answer()(body)

    budget = Budget(0.01)
    client = fake_client(model, middleware=[budget])
    assert run(main(), clock="virtual") == ["x"] and budget.paid_usd() == 0.01


def test_one_that_waits_may_be_given_up():
    client = fake_client(answer(), middleware=[budget := Budget(0.05)])
    worker = Agent("w", SONNET, "", client=client)

    async def impatient():
        async with asyncio.timeout(1):
            await worker.run("?")

    async def main():
        jobs = [worker.run("?"), impatient(), worker.run("?")]
        return await asyncio.gather(*jobs, return_exceptions=True)

    with trace() as t:
        first, given_up, last = run(main(), clock="virtual")
    assert (first, last, type(given_up), t.seconds) == ("x", "x", TimeoutError, 4.0)
    assert budget.paid_usd() == 0.02


def test_copies_of_a_client_share_it_and_so_do_threads():
    client = fake_client(answer(seconds=0.01), sync=True, middleware=[budget := Budget(0.05)])

    def one(number):
        mine = client if number % 2 else client.with_options(max_retries=0)
        message = {"role": "user", "content": "?"}
        try:
            return mine.messages.create(model=SONNET, max_tokens=4000, messages=[message]).id
        except BudgetReached as error:
            return str(error)

    with ThreadPoolExecutor(20) as pool:
        said = list(pool.map(one, range(40)))
    assert said.count("msg_fake") == 5 and budget.paid_usd() == 0.05
    assert set(said) - {"msg_fake"} == {
        f"The budget of $0.05 is reached, so {SONNET} was not asked."
    }


def test_a_sync_call_inside_of_a_loop_does_not_wait_for_its_own_thread():
    budget = Budget(0.05)
    slow = fake_client(answer(), middleware=[budget])
    blocking = fake_client(answer(seconds=0.0), sync=True, middleware=[budget])

    async def main():
        job = asyncio.create_task(Agent("w", SONNET, "", client=slow).run("?"))
        await asyncio.sleep(0.1)
        blocking.messages.create(model=SONNET, max_tokens=4000, messages=[])
        return await job

    assert run(main(), clock="real") == "x" and budget.paid_usd() == 0.02


STREAM = [
    {"type": "message_start", "message": {
        "id": "m", "type": "message", "role": "assistant", "model": SONNET, "content": [],
        "stop_reason": None, "stop_sequence": None,
        "usage": {"input_tokens": 1000, "output_tokens": 1},
    }},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
     "usage": {"output_tokens": 800}},
    {"type": "message_stop"},
]  # fmt: skip


class Events(httpx2.AsyncByteStream):
    def __init__(self, until):
        self.until = until

    async def __aiter__(self):
        for event in STREAM[: self.until]:
            await asyncio.sleep(1)
            yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
        if self.until < len(STREAM):
            raise httpx2.ReadError("the connection broke")


def streaming_client(budget, until=6):
    headers = {"content-type": "text/event-stream"}
    transport = httpx2.MockTransport(
        lambda request: httpx2.Response(200, headers=headers, stream=Events(until))
    )
    http_client = anthropic.DefaultAsyncHttpxClient(transport=transport)
    return anthropic.AsyncAnthropic(api_key="k", http_client=http_client, middleware=[budget])


def stream(client):
    return client.messages.stream(
        model=SONNET, max_tokens=4000, messages=[{"role": "user", "content": "?"}]
    )


def test_a_stream_is_settled_when_it_has_told_all_also_where_nobody_reads_on():
    budget = Budget(0.05)

    async def main():
        async with stream(streaming_client(budget)) as opened:
            seen = []
            async for _ in opened:
                seen.append(float(budget.paid_usd()))
        return seen

    seen = run(main(), clock="virtual")
    assert seen[0] == 0 and seen[-1] == 0.01 == budget.paid_usd()


@pytest.mark.parametrize("until", [3, 4])
def test_a_stream_that_broke_costs_what_it_had_told(until):
    budget = Budget(0.05)

    async def main():
        async with stream(streaming_client(budget, until)) as opened:
            await opened.get_final_message()

    with pytest.raises(httpx2.ReadError):
        run(main(), clock="virtual")
    assert budget.paid_usd() == 0.00201  # the prompt, and one token


def test_a_stream_that_was_dropped_or_closed_gives_back_what_was_set_aside():
    budget = Budget(0.05)

    async def dropped(client):
        opened = await client.messages.create(
            model=SONNET, max_tokens=4000, messages=[{"role": "user", "content": "?"}], stream=True
        )
        assert budget._set_aside > 0
        del opened
        gc.collect()

    async def closed(client):
        async with stream(client):
            assert budget._set_aside > 0

    for leave in (dropped, closed):
        run(leave(streaming_client(budget)), clock="virtual")
        assert budget._set_aside == 0


def test_a_call_inside_of_a_stream_does_not_wait_for_the_end_of_it():
    budget = Budget(0.05)
    inner = Agent("inner", SONNET, "", client=fake_client(answer(), middleware=[budget]))

    async def main():
        async with stream(streaming_client(budget)) as opened:
            async for text in opened.text_stream:
                return text + await asyncio.create_task(inner.run("?"))

    assert run(main(), clock="virtual") == "xx"


def test_a_nested_agent_counts():
    budget = Budget(0.03)
    client = fake_client(answer(), middleware=[budget])
    outer, inner = (
        Agent("outer", SONNET, "", client=client),
        Agent("inner", OPUS, "", client=client),
    )

    async def main():
        await outer.run(await inner.run("?"))

    with trace() as t:
        run(main(), clock="virtual")
    assert budget.paid_usd() == cost_usd(t) == 0.03 and budget.reached == []
    with pytest.raises(BudgetReached, match="so the outer was not asked"):
        run(outer.run("?"), clock="virtual")


def test_each_retry_needs_room_and_only_what_came_is_paid():
    replies = iter([{"status": 529, "error": {"type": "overloaded_error"}}, answer()(None)])
    client = fake_client(lambda body: next(replies), middleware=[budget := Budget(0.01)])
    assert run(Agent("w", SONNET, "", client=client).run("?"), clock="virtual") == "x"
    assert budget.paid_usd() == 0.01


def test_a_model_without_a_price_is_said_once_before_its_first_call(capfd):
    order = []

    def model(body):
        order.append(capfd.readouterr().err)
        return answer()(body)

    client = fake_client(model, middleware=[budget := Budget(0.05)])
    for name in ("my-own-model", "my-own-model", SONNET):
        run(Agent("w", name, "", client=client).run("?"), clock="virtual")
    said = "The budget of $0.05 does not count the calls to 'my-own-model': no price is known.\n"
    assert order == [said, "", ""]
    assert budget.paid_usd() == 0.01 and budget.paid_usd().unknown == ("my-own-model",)

    budget = Budget(0.05, strict=True)
    client = fake_client(model, middleware=[budget])
    with pytest.raises(BudgetReached, match="cannot count 'my-own-model', no price is known"):
        run(Agent("w", "my-own-model", "", client=client).run("?"), clock="virtual")
    assert len(order) == 3


def test_a_gateways_name_of_a_model_is_counted_from_the_first_call():
    budget = Budget(0.05)
    results, _ = ask(budget, 100, model="us.anthropic.claude-sonnet-5-5-v1:0")
    assert results.count("x") == 4 and budget.paid_usd() == 0.044  # 10 % more than Anthropic asks


def test_the_calls_of_a_trace_count_also_those_that_went_another_way():
    with trace() as t:
        budget = Budget(0.02, t)
        other = Agent("other", SONNET, "", client=fake_client(answer()))
        own = Agent("own", SONNET, "", client=fake_client(answer(), middleware=[budget]))
        run(other.run("?"), clock="virtual")
        run(own.run("?"), clock="virtual")
        assert budget.paid_usd() == cost_usd(t) == 0.02
        with pytest.raises(BudgetReached):
            run(own.run("?"), clock="virtual")


def test_web_searches_and_writes_for_an_hour_are_paid():
    """The figures of a public report: eight such calls went through a budget of two dollars."""
    hour = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 40_000}
    usage = {
        "input_tokens": 0, "output_tokens": 0, "cache_creation_input_tokens": 40_000,
        "cache_creation": hour, "server_tool_use": {"web_search_requests": 1},
    }  # fmt: skip
    client = fake_client(answer(usage), middleware=[budget := Budget(2.00)])
    agent = Agent("w", "claude-opus-5", "", client=client, max_tokens=100)

    async def main():
        for _ in range(8):
            with contextlib.suppress(BudgetReached):
                await agent.run("?")

    run(main(), clock="virtual")
    # $0.41 each, which is more than a prompt of that length seemed to need
    assert budget.paid_usd() == 1.64 and len(budget.reached) == 4


@pytest.mark.slow
def test_a_thousand_calls_take_a_thousand_looks(monkeypatch):
    looks = []
    must_wait = Budget._must_wait
    monkeypatch.setattr(
        Budget, "_must_wait", lambda self, seat: looks.append(1) or must_wait(self, seat)
    )
    for usd in (100.0, 0.5, 0.05):  # all at once, some wait, nearly all are refused
        looks.clear()
        ask(Budget(usd), 1000, model=HAIKU)
        assert len(looks) <= 3000


def test_a_token_that_waits_in_a_thread_and_one_in_a_loop_wake_each_other():
    """The same budget under a sync client in threads and an async one in a loop."""
    budget = Budget(0.1)
    message = [{"role": "user", "content": "?"}]
    sync = fake_client(answer(seconds=0.05), sync=True, middleware=[budget])
    worker = Agent("w", SONNET, "", client=fake_client(answer(seconds=0.05), middleware=[budget]))
    said = []

    def in_a_thread():
        sync.messages.create(model=SONNET, max_tokens=4000, messages=message)
        said.append("sync")

    async def main():
        return await asyncio.gather(*[worker.run("?") for _ in range(5)])

    threads = [threading.Thread(target=in_a_thread) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert run(main(), clock="real") == ["x"] * 5
    for thread in threads:
        thread.join()
    assert said == ["sync"] * 5 and budget.paid_usd() == 0.1


@pytest.mark.parametrize("usd", [-1, -0.01, float("nan"), float("inf")])
def test_what_is_no_amount_is_no_budget(usd):
    with pytest.raises(ValueError, match="is no amount of dollars: a budget is 0 or more"):
        Budget(usd)


def test_with_a_budget_of_nothing_nobody_is_asked():
    results, t = ask(budget := Budget(0), 3)
    assert t.calls[0].attempts == () and budget.paid_usd() == 0
    assert [type(result) for result in results] == [BudgetReached] * 3


def test_an_alert_is_told_once_when_its_share_is_paid():
    said = []
    budget = Budget(0.05)
    budget.alert(at=0.8, tell=said.append)
    budget.alert(at=1, tell=said.append)
    ask(budget, 3)
    assert said == []
    ask(budget, 100)
    assert said == [
        "80 % of the budget of $0.05 is paid: $0.040.",
        "100 % of the budget of $0.05 is paid: $0.050.",
    ]
    ask(budget, 100)
    assert len(said) == 2


def test_an_alert_that_comes_late_is_told_at_once_and_one_that_fails_loses_no_reply(capfd):
    said = []
    budget = Budget(0.01)
    budget.alert(tell=lambda words: 1 / 0)  # a web hook that is down
    assert ask(budget, 1)[0] == ["x"]
    note = "The alert on the budget of $0.01 failed: ZeroDivisionError: division by zero\n"
    assert capfd.readouterr().err == note
    budget.alert(tell=said.append)
    assert said == ["80 % of the budget of $0.01 is paid: $0.010."]


@pytest.mark.parametrize("at", [0, -0.5, 80, 1.01, float("nan")])
def test_a_share_is_above_nothing_and_at_most_all(at):
    with pytest.raises(ValueError, match="80 % is at=0.8"):
        Budget(1.0).alert(at=at)


def test_an_alert_counts_the_calls_that_went_another_way():
    said = []
    with trace() as t:
        budget = Budget(0.02, t)
        budget.alert(at=0.9, tell=said.append)
        other = Agent("other", SONNET, "", client=fake_client(answer()))
        run(other.run("?"), clock="virtual")
        ask_one = Agent("own", SONNET, "", client=fake_client(answer(), middleware=[budget]))
        run(ask_one.run("?"), clock="virtual")
    assert said == ["90 % of the budget of $0.02 is paid: $0.020."]


LAST = [0.040, 0.041, 2.00, 0.039, 0.042]  # one of them ran away


@pytest.mark.parametrize("usd", [0.021, 0.041, 0.08])
def test_a_run_that_costs_like_the_ones_before_is_not_odd(usd):
    assert unlike_before(usd, LAST) == ""


def test_a_run_that_costs_unlike_the_ones_before_is_odd_in_both_directions():
    said = "$2.10 is 51 times what such a run mostly costs, $0.041"
    assert unlike_before(2.10, LAST) == said == unlike_before(2.10, LAST[::-1])
    assert unlike_before(0.01, LAST).startswith("$0.010 is 0.24 times")
    assert unlike_before(0.09, LAST) and not unlike_before(0.09, LAST, times=3)
    assert unlike_before(0.01, [0.0] * 5) == (
        "$0.010 is more than the nothing that such a run mostly costs, $0.00"
    )


def test_with_few_runs_before_it_none_is_odd_and_one_that_is_not_known_whole_always_is():
    assert unlike_before(99, LAST[:4]) == "" != unlike_before(99, LAST)
    partly = Cost(Decimal("0.04"), ("qwen3",))
    assert unlike_before(partly, []) == "no price is known for qwen3: $0.040 is not the whole"


@pytest.mark.parametrize(
    "usd, before, times",
    [(-1, LAST, 2), (float("nan"), LAST, 2), (1, [float("nan")], 2), (1, LAST, 1), (1, LAST, 0)],
)
def test_what_is_no_amount_is_compared_with_nothing(usd, before, times):
    with pytest.raises(ValueError, match="dollars are 0 or more and times above 1"):
        unlike_before(usd, before, times)


def test_a_clock_that_goes_back_changes_no_dollars(monkeypatch):
    """sonnet-4-6 had a higher price for long prompts until 2026-03-13 (genai-prices 0.2.3)."""
    usage = {"input_tokens": 300_000, "output_tokens": 0}
    client = fake_client(answer(usage), middleware=[budget := Budget(100)])
    agent = Agent("w", "claude-sonnet-4-6", "", client=client)
    with trace() as t:
        run(agent.run("?"), clock="virtual")
        then = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
        monkeypatch.setattr("mas_helpers.bench.time.stopwatch.time_ns", lambda: then * 10**9)
        run(agent.run("?"), clock="virtual")
    first, second = t.calls
    assert (first.day, first.end, second.start) == (second.day, 2.0, 2.0)
    assert cost_usd(t) == budget.paid_usd() == 1.8
    with trace() as after:  # what begins with the wrong clock is priced by its day
        run(agent.run("?"), clock="virtual")
    assert (
        cost_usd(after) == 1.8 and budget.paid_usd() == 3.6 and after.calls[0].day == "2026-03-01"
    )
