"""Faults act at the wire: the SDK's own retries and errors answer them, in the same seconds every
time.
"""

import asyncio
import json
from typing import get_args

import anthropic
import httpx2
import pytest
from pydantic import BaseModel

from mas_helpers import (
    HAIKU,
    Agent,
    ReplyError,
    ReplyMalformed,
    ToolAgent,
    connect,
    fake_client,
    run,
    text_of,
    timeline,
    trace,
)
from mas_helpers.agents import ReplyUnfinished, ReplyUnreadable
from mas_helpers.bench.faults import KINDS, PROCESS_KINDS, Fault, FaultKind, random_faults
from mas_helpers.bench.pytest_plugin import FaultList
from mas_helpers.bench.recordings import Exchange, Recording, Reply

WAITS = 0.5 + 1.0  # between three attempts
TWO_SECONDS = {"content": [{"type": "text", "text": '{"name": "red"}'}], "seconds": 2.0}


class Colour(BaseModel):
    name: str


def agent(faults, name="worker", answer=lambda body: dict(TWO_SECONDS), **options):
    return Agent(name, HAIKU, "s", client=fake_client(answer, faults=faults, **options))


def outcome(coroutine):
    """What came, the seconds, and for each call the failures of its attempts."""
    with trace() as t:
        try:
            came = run(coroutine, clock="virtual")
        except Exception as error:
            came = error
    return came, t.seconds, [[attempt.failure for attempt in call.attempts] for call in t.calls]


@pytest.mark.parametrize(
    ("fault", "error", "seconds", "failures"),
    [
        (Fault("rate_limited"), anthropic.RateLimitError, 2.0, ["429"] * 3),
        (Fault("rate_limited", seconds=300), anthropic.RateLimitError, 600.0, ["429"] * 3),
        (Fault("overloaded"), anthropic.OverloadedError, 3 * 0.1 + WAITS, ["529"] * 3),
        (Fault("server_error"), anthropic.InternalServerError, 3 * 0.1 + WAITS, ["500"] * 3),
        (Fault("timeout"), anthropic.APITimeoutError, 3 * 20.0 + WAITS, ["timeout"] * 3),
        (Fault("reset"), anthropic.APIConnectionError, 3 * 0.5 + WAITS, ["no connection"] * 3),
        (Fault("slow"), None, 12.0, [""]),
        # 19 s and the answer's own 2 are more than the 20 of the timeout, but never one wait is
        (Fault("slow", seconds=19), None, 21.0, [""]),
        (Fault("cut_stream"), anthropic.APIConnectionError, 3 * 2.0 + WAITS, ["no connection"] * 3),
        (Fault("truncated"), ReplyError, 2.0, [""]),
        (Fault("refused"), ReplyError, 2.0, [""]),
        (Fault("empty"), ReplyError, 2.0, [""]),
        (Fault("malformed"), ReplyMalformed, 2.0, [""]),
        (Fault("wrong_arguments"), None, 2.0, [""]),
        (Fault("unknown_tool"), ReplyUnfinished, 2.0, [""]),
        (Fault("not_a_message"), ReplyUnreadable, 2.0, [""]),
        (Fault("half_a_body"), ReplyUnreadable, 2.0, [""]),
        (Fault("no_fields"), ReplyUnreadable, 2.0, [""]),
        (Fault("error_in_stream"), ReplyUnreadable, 2.0, [""]),
    ],
)  # fmt: skip
def test_each_kind_ends_as_the_sdk_makes_it_end_and_takes_exactly_so_long(
    fault, error, seconds, failures
):
    came, took, attempts = outcome(agent([fault], timeout=20.0).parse("?", Colour))
    assert isinstance(came, error) if error else came == Colour(name="red")
    assert round(took, 6) == round(seconds, 6)
    assert attempts == [failures]


def test_every_kind_is_tried_above():
    marks = test_each_kind_ends_as_the_sdk_makes_it_end_and_takes_exactly_so_long.pytestmark[
        0
    ].args[1]
    assert {case[0].kind for case in marks} == set(KINDS)


@pytest.mark.parametrize(
    "kind", ["rate_limited", "overloaded", "server_error", "timeout", "reset", "cut_stream"]
)
def test_one_attempt_that_fails_is_fixed_by_the_retry(kind):
    came, _, (attempts,) = outcome(
        agent([Fault(kind, attempts=1)], timeout=20.0).parse("?", Colour)
    )
    assert came == Colour(name="red")
    assert len(attempts) == 2 and attempts[0] and not attempts[1]


def test_the_same_run_takes_the_same_time_every_time():
    times = {
        outcome(agent([Fault("reset"), Fault("timeout")], timeout=3.0).run("?"))[1]
        for _ in range(5)
    }
    assert len(times) == 1


def test_the_waits_are_the_longest_that_the_sdk_itself_would_wait():
    """The SDK waits 75 to 100 % of 0.5, 1, 2, 4, 8, 8 s: measured here without the virtual clock's
    evenness.
    """
    client = fake_client(
        lambda body: {"status": 529, "error": {"type": "overloaded_error"}}, max_retries=6
    )
    waits = [
        client._calculate_retry_timeout(
            6 - n,
            anthropic._models.FinalRequestOptions.construct(method="post", url="/", max_retries=6),
        )
        for n in range(6)
    ]
    with trace() as t, pytest.raises(anthropic.OverloadedError):
        run(Agent("a", HAIKU, "", client=client).run("?"), clock="virtual")
    (call,) = t.calls
    ours = [
        round(b.start - a.end, 6) for a, b in zip(call.attempts, call.attempts[1:], strict=False)
    ]
    assert ours == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert all(0.75 * mine <= sdk <= mine for mine, sdk in zip(ours, waits, strict=True))


def calls_of(faults, jobs):
    """(agent, faults) of each call; jobs are agents that work one after the other, `"a"`, or at
    once, `"ab"`.
    """
    client = fake_client(lambda body: dict(TWO_SECONDS), faults=faults, max_retries=1)

    async def main():
        for together in jobs:
            await asyncio.gather(
                *(Agent(n, HAIKU, "", client=client).run("?") for n in together),
                return_exceptions=True,
            )

    with trace() as t:
        run(main(), clock="virtual")
    return [(call.agent, [attempt.fault for attempt in call.attempts]) for call in t.calls]


def test_the_second_call_of_an_agent():
    assert calls_of([Fault("refused", agent="a", call=2)], ["a", "b", "a", "b", "a"]) == [
        ("a", [""]), ("b", [""]), ("a", ["refused"]), ("b", [""]), ("a", [""]),
    ]  # fmt: skip


def test_every_call_of_an_agent():
    assert calls_of([Fault("refused", agent="b")], ["ab", "b"]) == [
        ("a", [""]),
        ("b", ["refused"]),
        ("b", ["refused"]),
    ]


def test_all_calls_between_two_seconds():
    # at 0, 2, 4 and 6 s
    made = calls_of([Fault("refused", between=(2.0, 5.0))], ["a", "b", "a", "b"])
    assert [kinds for _, kinds in made] == [[""], ["refused"], ["refused"], [""]]


def test_a_retry_is_an_attempt_of_the_same_call_however_many_run_at_once():
    faults = [Fault("overloaded", agent="a", call=2, attempts=1)]
    made = calls_of(faults, ["aaa", "a"])
    assert made == [("a", [""]), ("a", ["overloaded", ""]), ("a", [""]), ("a", [""])]


def test_the_first_fault_that_fits_acts():
    assert calls_of([Fault("refused", call=1), Fault("empty")], ["a", "a"]) == [
        ("a", ["refused"]),
        ("a", ["empty"]),
    ]


def test_a_seed_hits_the_same_calls_whatever_else_runs():
    schedule = random_faults(7, refused=0.3, slow=0.2)
    alone = [schedule("a", call, 1, 0.0) for call in range(1, 200)]
    again = [
        (schedule("b", call, 1, 9.9), schedule("a", call, 1, 5.0))[1] for call in range(1, 200)
    ]
    assert alone == again
    kinds = [fault.kind for fault in alone if fault]
    assert 30 < kinds.count("refused") < 90 and 15 < kinds.count("slow") < 65
    assert alone != [
        random_faults(8, refused=0.3, slow=0.2)("a", call, 1, 0.0) for call in range(1, 200)
    ]


@pytest.mark.parametrize(
    "rates", [{"explode": 0.1}, {"slow": 1.1}, {"slow": -0.1}, {"slow": 0.6, "refused": 0.6}]
)
def test_rates_that_make_no_sense_are_refused(rates):
    with pytest.raises(ValueError):
        random_faults(1, **rates)


def test_a_fault_that_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="'overload' is no kind of fault. There are: rate_limited"):
        Fault("overload")
    with pytest.raises(ValueError, match="call=0"):
        Fault("slow", call=0)


def test_the_trace_shows_faults_and_waits():
    with trace() as t:
        run(agent([Fault("overloaded", attempts=2, seconds=1.0)]).run("?"), clock="virtual")
    assert "3 attempts (2 × 529)" in str(timeline(t))
    assert [(a.start, a.end) for a in t.calls[0].attempts] == [(0.0, 1.0), (1.5, 2.5), (3.5, 5.5)]
    # three attempts and two samples in the legend
    assert timeline(t).svg.count('class="call"') == 3 + 2


def test_a_recording_stays_clean_and_none_of_its_replies_is_lost(tmp_path, monkeypatch):
    monkeypatch.setenv("MAS_STRICT", "1")
    body = {
        "max_tokens": 4000,
        "messages": [{"role": "user", "content": "?"}],
        "model": HAIKU,
        "system": "s",
    }
    request = {"method": "POST", "path": "/v1/messages", "body": body}
    message = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": HAIKU,
        "stop_reason": "end_turn",
    }
    message |= {
        "content": [{"type": "text", "text": "once"}],
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    path = tmp_path / "one.yaml"
    Recording("one", exchanges=[Exchange("w", request, Reply(seconds=1.0, body=message))]).save(
        path
    )
    before = path.read_bytes()
    faults = [Fault("overloaded", attempts=1)]
    client = connect("one", mode="replay", folder=tmp_path, faults=faults)
    assert run(Agent("w", HAIKU, "s", client=client).run("?")) == "once"
    assert path.read_bytes() == before


def test_wrong_arguments_reach_the_tool_as_an_error_for_the_model():
    def double(number: int) -> str:
        """Twice."""
        return str(2 * number)

    sent = []

    def answer(body):
        sent.append(body)
        use = {"type": "tool_use", "id": "t", "name": "double", "input": {"number": 2}}
        return "done" if len(sent) > 1 else {"content": [use], "stop_reason": "tool_use"}

    client = fake_client(answer, faults=[Fault("wrong_arguments", call=1)])
    assert run(ToolAgent("a", HAIKU, "", client=client, tools=[double]).run("?")) == "done"
    (result,) = sent[1]["messages"][-1]["content"]
    assert result["is_error"] and "Wrong arguments" in result["content"]


async def listen(client, heard):
    """Puts each piece of text that comes into `heard`."""
    messages = [{"role": "user", "content": "?"}]
    async with client.messages.stream(model=HAIKU, max_tokens=9, messages=messages) as stream:
        async for text in stream.text_stream:
            heard.append(text)


def streamed(folder, faults):
    """The text that came before the stream broke, the error, and the seconds."""
    message = {"id": "m", "type": "message", "role": "assistant", "model": HAIKU, "content": []}
    message |= {"stop_reason": None, "usage": {"input_tokens": 1, "output_tokens": 1}}
    block = {"type": "text", "text": ""}
    deltas = [{"type": "text_delta", "text": f"{n} "} for n in range(1, 5)]
    lines = [
        (1.0, {"type": "message_start", "message": message}),
        (1.0, {"type": "content_block_start", "index": 0, "content_block": block}),
        *(
            (1.0 + n, {"type": "content_block_delta", "index": 0, "delta": delta})
            for n, delta in enumerate(deltas, 1)
        ),
        (6.0, {"type": "message_stop"}),
    ]
    events = [
        {"at": at, "data": f"event: {d['type']}\ndata: {json.dumps(d)}\n\n"} for at, d in lines
    ]
    body = {
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "?"}],
        "model": HAIKU,
        "stream": True,
    }
    reply = Reply(seconds=1.0, headers={"content-type": "text/event-stream"}, events=events)
    request = {"method": "POST", "path": "/v1/messages", "body": body}
    Recording("s", exchanges=[Exchange("", request, reply)]).save(folder / "s.yaml")
    client = connect("s", mode="replay", folder=folder, faults=faults)
    heard = []
    came, seconds, _ = outcome(listen(client, heard))
    return "".join(heard), came, seconds


def test_a_stream_is_cut_in_the_middle_and_nobody_retries(tmp_path):
    assert streamed(tmp_path, [])[0] == "1 2 3 4 "
    heard, error, seconds = streamed(tmp_path, [Fault("cut_stream", seconds=2.5)])
    assert heard == "1 2 " and isinstance(error, httpx2.ReadError) and seconds == 4.0
    # before its first byte: retried
    assert streamed(tmp_path, [Fault("overloaded", attempts=1)])[0] == "1 2 3 4 "
    assert "cannot be put into a streamed reply" in str(streamed(tmp_path, [Fault("refused")])[1])


def test_faults_keep_the_virtual_time_outside_of_a_trace(tmp_path):
    streamed(tmp_path, [])  # writes the recording
    client = connect("s", mode="replay", folder=tmp_path, faults=[Fault("cut_stream", seconds=2.5)])
    heard = []
    with pytest.raises(httpx2.ReadError):
        run(listen(client, heard), clock="virtual")
    assert "".join(heard) == "1 2 "


def test_the_sync_client_meets_the_same_faults():
    client = fake_client(
        lambda body: "fine", sync=True, faults=[Fault("overloaded", attempts=1, seconds=0.0)]
    )
    with trace() as t:
        message = client.messages.create(
            model=HAIKU, max_tokens=9, messages=[{"role": "user", "content": "?"}]
        )
    assert text_of(message) == "fine" and t.seconds == 0.5
    with pytest.raises(anthropic.APIConnectionError):
        client = fake_client(
            lambda body: "fine", sync=True, max_retries=0, faults=[Fault("reset", seconds=0.0)]
        )
        client.messages.create(
            model=HAIKU, max_tokens=9, messages=[{"role": "user", "content": "?"}]
        )


def test_a_cancelled_attempt_is_one():
    async def given_up():
        async with asyncio.timeout(1.0):
            await agent([Fault("timeout")]).run("?")

    came, seconds, attempts = outcome(given_up())
    assert isinstance(came, TimeoutError) and seconds == 1.0 and attempts == [["cancelled"]]


def test_calls_are_counted_without_spans_too():
    faults = [Fault("refused", call=2)]
    client = fake_client(lambda body: "fine", faults=faults, open_telemetry=False)

    async def main():
        messages = [{"role": "user", "content": "?"}]
        replies = [
            await client.messages.create(model=HAIKU, max_tokens=9, messages=messages)
            for _ in range(3)
        ]
        return [reply.stop_reason for reply in replies]

    assert run(main(), clock="virtual") == ["end_turn", "refusal", "end_turn"]


def test_the_last_second_of_between_is_outside():
    kinds = [kinds for _, kinds in calls_of([Fault("refused", between=(2.0, 4.0))], "aaa")]
    assert kinds == [[""], ["refused"], [""]]  # at 0, 2 and 4 s


def test_rates_may_add_up_to_all():
    schedule = random_faults(1, slow=0.5, refused=0.5)
    assert all(schedule("a", call, 1, 0.0) for call in range(1, 100))


def test_a_stream_is_cut_at_the_very_second(tmp_path):
    heard, _, seconds = streamed(tmp_path, [Fault("cut_stream", seconds=2.0)])
    assert heard == "1 " and seconds == 3.0


def test_an_error_of_the_api_stays_as_it_is_under_a_fault():
    wrong = {"status": 400, "error": {"type": "invalid_request_error", "message": "no"}}
    came, _, _ = outcome(agent([Fault("refused")], answer=lambda body: dict(wrong)).run("?"))
    assert isinstance(came, anthropic.BadRequestError)


def test_what_was_appended_comes_before_what_was_drawn():
    faults = FaultList()
    faults.draw(1, refused=1.0)
    faults.append(Fault("empty", call=2))
    assert [faults("a", call, 1, 0.0).kind for call in (1, 2)] == ["refused", "empty"]
    assert faults.unmet() == ""


def test_kinds_are_those_that_the_type_lists():
    assert [*KINDS, *PROCESS_KINDS] == list(get_args(FaultKind))
