"""The stand-in model does what the Messages API is documented to do, seen through the real SDK over
a real socket.
"""

import asyncio
import itertools
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import anthropic
import httpx2
import pytest
from anthropic.resources.messages import DEPRECATED_MODELS
from pydantic import BaseModel

from mas_stand_in import __main__ as command
from mas_stand_in import messages_api, server, serving

TOOLS = Path(__file__).parents[1] / "tools"
TICK = 0.016  # of the clock on Windows: so much earlier a wait may end
HAIKU, SONNET, OPUS = "claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5"
TLS = ssl.create_default_context()  # one for all clients: each would take 20 ms to make its own
HELLO = [{"role": "user", "content": "Hello"}]
LONG = "The harbour opens at six and the ferries leave on the hour. " * 4
ADD = {
    "name": "add",
    "description": "Adds.",
    "input_schema": {"type": "object", "properties": {"a": {}, "b": {}}},
}
CALL = {"tool_use": {"name": "add", "input": {"a": 2, "b": 3}}}


class Verdict(BaseModel):
    label: str
    score: int


def at_once(*replies, **when):
    """One entry whose replies take no time."""
    return [
        {"agent": "tester", "when": when, "replies": [{"seconds": 0, **reply} for reply in replies]}
    ]


@contextmanager
def client_of(entries, api_key="any", **options):
    with serving(entries=entries) as base_url:
        http_client = anthropic.DefaultHttpxClient(transport=httpx2.HTTPTransport(verify=TLS))
        with anthropic.Anthropic(
            base_url=base_url, api_key=api_key, max_retries=0, http_client=http_client, **options
        ) as client:
            yield client


@contextmanager
def async_client_of(entries):
    """A function that runs a coroutine function with an async client of a stand-in."""
    with serving(entries=entries) as base_url:

        async def call(function):
            async with anthropic.AsyncAnthropic(
                base_url=base_url, api_key="any", max_retries=0
            ) as client:
                return await function(client)

        yield lambda function: asyncio.run(call(function))


def ask(client, words="Hello", **options):
    options = {"model": HAIKU, "max_tokens": 4000, **options}
    return client.messages.create(messages=[{"role": "user", "content": words}], **options)


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


# What comes back


def test_each_connection_is_told_to_whom_wants_to_count_them():
    opened, hello = (
        [],
        {
            "model": "claude-sonnet-5-5",
            "max_tokens": 9,
            "messages": [{"role": "user", "content": "Hi"}],
        },
    )

    async def ask(clients):
        for one in clients:
            await one.messages.create(**hello)
        for one in set(clients):
            await one.close()

    def new():
        return anthropic.AsyncAnthropic(base_url=url, api_key="any", max_retries=0)

    entries = [{"replies": [{"text": "Hello.", "seconds": 0}] * 8}]
    with serving(entries=entries, on_connection=opened.append) as url:
        asyncio.run(ask([new()] * 4))
        assert len(opened) == 1
        asyncio.run(ask([new() for _ in range(4)]))
        assert len(opened) == 5


def test_a_reply_starts_with_an_empty_thinking_block_signed_by_the_stand_in():
    with client_of(at_once({"text": "Good morning.\n"})) as client:
        message = ask(client)
    thinking, text = message.content
    assert (thinking.type, thinking.thinking, text.text) == ("thinking", "", "Good morning.")
    assert thinking.signature.startswith("stand-in-")
    assert message.stop_reason == "end_turn"
    assert message.id.startswith("msg_") and message._request_id.startswith("req_")


def test_usage_has_the_full_shape_and_counts_thinking_as_output():
    with client_of(at_once({"text": "x" * 33, "thinking_tokens": 7})) as client:
        message = ask(client, "y" * 33, system=[{"type": "text", "text": "z" * 33}])
    usage = message.to_dict()["usage"]
    assert usage == {
        "input_tokens": 20,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 17,
        "output_tokens_details": {"thinking_tokens": 7},
        "service_tier": "standard",
    }


@pytest.mark.parametrize(("model", "tokens"), [(HAIKU, 40), (SONNET, 90), (OPUS, 160)])
def test_thinking_tokens_grow_with_the_model(model, tokens):
    with client_of(at_once({"text": "Yes."})) as client:
        assert ask(client, model=model).usage.output_tokens_details.thinking_tokens == tokens


def test_haiku_without_thinking_sends_no_thinking_block():
    with client_of(at_once({"text": "Yes."})) as client:
        message = ask(client, thinking={"type": "disabled"})
    assert [block.type for block in message.content] == ["text"]
    assert message.usage.output_tokens_details.thinking_tokens == 0


def test_parse_gets_json_that_fits_its_schema():
    with client_of(at_once({"json": {"label": "ship", "score": 7}})) as client:
        message = client.messages.parse(
            model=HAIKU, max_tokens=4000, messages=HELLO, output_format=Verdict
        )
    assert message.parsed_output == Verdict(label="ship", score=7)
    assert text_of(message) == '{"label": "ship", "score": 7}'


def test_json_that_breaks_the_schema_is_an_error_that_names_the_mismatch_and_is_not_retried():
    with client_of(at_once({"json": {"label": "ship"}}, {"text": "never reached"})) as client:
        with pytest.raises(
            anthropic.InternalServerError, match="'score' is a required property"
        ) as caught:
            client.with_options(max_retries=2).messages.parse(
                model=HAIKU, max_tokens=4000, messages=HELLO, output_format=Verdict
            )
    assert caught.value.type == "api_error"


def test_a_tool_loop_goes_round_with_to_param():
    first_reply = {"content": [{"text": "I add."}, CALL, CALL]}
    with client_of(
        at_once(first_reply, turns=1) + at_once({"text": "5"}, user="five", turns=3)
    ) as client:
        messages = [{"role": "user", "content": "2 + 3?"}]
        first = client.messages.create(
            model=SONNET, max_tokens=4000, tools=[ADD], messages=messages
        )
        calls = [block for block in first.content if block.type == "tool_use"]
        results = [
            {"type": "tool_result", "tool_use_id": call.id, "content": "five"} for call in calls
        ]
        messages += [first.to_param(), {"role": "user", "content": results}]
        second = client.messages.create(
            model=SONNET, max_tokens=4000, tools=[ADD], messages=messages
        )
    assert (
        first.stop_reason == "tool_use" and [call.input for call in calls] == [{"a": 2, "b": 3}] * 2
    )
    assert len({call.id for call in calls}) == 2
    assert text_of(second) == "5"
    assert second.usage.input_tokens > first.usage.input_tokens


def test_two_loops_of_one_agent_are_told_apart_by_their_first_message():
    entries = [
        *at_once({"text": "of tea"}, first="about tea", turns=3),
        *at_once({"text": "of ships"}, first="about ships", turns=3),
        *at_once({"content": [CALL]}, turns=1),
    ]
    with client_of(entries) as client:
        for topic in ("tea", "ships"):
            messages = [{"role": "user", "content": f"All about {topic}."}]
            first = client.messages.create(
                model=SONNET, max_tokens=4000, tools=[ADD], messages=messages
            )
            result = {"type": "tool_result", "tool_use_id": first.content[-1].id, "content": "five"}
            messages += [first.to_param(), {"role": "user", "content": [result]}]
            second = client.messages.create(
                model=SONNET, max_tokens=4000, tools=[ADD], messages=messages
            )
            assert text_of(second) == f"of {topic}"


def test_the_sdk_tool_runner_goes_round_without_threads():
    @anthropic.beta_tool
    def add(a: int, b: int) -> str:
        """Adds."""
        return str(a + b)

    with client_of(
        at_once({"content": [CALL]}, turns=1) + at_once({"text": "Five."}, turns=3)
    ) as client:
        runner = client.beta.messages.tool_runner(
            model=HAIKU,
            max_tokens=4000,
            tools=[add],
            thread=False,
            messages=[{"role": "user", "content": "2 + 3?"}],
        )
        assert text_of(runner.until_done()) == "Five."


def test_a_refusal_is_an_empty_reply_with_details():
    with client_of(at_once({"refusal": {"category": "cyber", "explanation": "No."}})) as client:
        message = ask(client)
    assert (message.stop_reason, message.content) == ("refusal", [])
    assert (message.stop_details.category, message.stop_details.explanation) == ("cyber", "No.")


def test_an_empty_reply_has_no_text_block_and_ends_its_turn():
    with client_of(at_once({"text": ""})) as client:
        message = ask(client)
    assert ([block.type for block in message.content], message.stop_reason) == (
        ["thinking"],
        "end_turn",
    )


def test_an_author_can_choose_the_stop_reason():
    with client_of(at_once({"text": "To be continued", "stop_reason": "pause_turn"})) as client:
        assert ask(client).stop_reason == "pause_turn"


def test_an_error_that_the_author_wrote_is_retried_by_the_sdk_and_the_next_reply_follows():
    soon = {"headers": {"retry-after-ms": "1"}}
    limited = {"status": 429, "error": {"type": "rate_limit_error", "message": "Slow"}, **soon}
    overloaded = {"status": 529, "error": {"type": "overloaded_error", "message": "Busy"}, **soon}
    with client_of(at_once(overloaded, limited, {"text": "At last."}, overloaded)) as client:
        assert text_of(ask(client.with_options(max_retries=2))) == "At last."
        with pytest.raises(anthropic.OverloadedError, match="Busy") as caught:
            ask(client)
    assert caught.value.type == "overloaded_error"
    assert caught.value.request_id == caught.value.body["request_id"]


# What cuts a reply


def test_max_tokens_cuts_json_in_the_middle():
    with client_of(
        at_once({"json": {"label": "ship", "score": 7}, "thinking_tokens": 10})
    ) as client:
        message = ask(client, max_tokens=14)
    assert (text_of(message), message.stop_reason) == ('{"label": "sh', "max_tokens")
    assert message.usage.output_tokens == 14


def test_thinking_alone_can_use_up_max_tokens():
    with client_of(at_once({"text": "Never said."})) as client:
        message = ask(client, max_tokens=30)
    assert ([block.type for block in message.content], message.stop_reason) == (
        ["thinking"],
        "max_tokens",
    )
    assert message.usage.output_tokens == message.usage.output_tokens_details.thinking_tokens == 30


def test_a_reply_that_just_fits_is_not_cut():
    with client_of(at_once({"text": "x" * 33})) as client:
        assert ask(client, max_tokens=50).stop_reason == "end_turn"


def test_a_tool_call_that_does_not_fit_is_left_out():
    with client_of(at_once({"content": [{"text": "I add."}, CALL]})) as client:
        message = ask(client, max_tokens=47, tools=[ADD])  # 40 thinking, 2 text, 6 call
    assert (message.content[-1].type, message.stop_reason) == ("text", "max_tokens")


def test_max_tokens_of_zero_gives_nothing():
    with client_of(at_once({"text": "Hello."})) as client:
        message = ask(client, max_tokens=0)
    assert (message.content, message.usage.output_tokens) == ([], 0)


def test_the_earliest_stop_sequence_ends_the_reply():
    with client_of(at_once({"content": [{"text": "one, two; three"}, CALL]})) as client:
        message = ask(client, stop_sequences=[";", ",", "four"])
    assert (text_of(message), message.stop_reason, message.stop_sequence) == (
        "one",
        "stop_sequence",
        ",",
    )
    assert message.content[-1].type == "text"


# Which reply


def test_the_first_entry_that_fits_speaks():
    entries = [
        *at_once({"text": "no system"}, system=None, user="order"),
        *at_once({"text": "router"}, system="You route", user="order", model=HAIKU),
        *at_once({"text": "router on sonnet"}, system="You route", model=SONNET),
        *at_once({"text": "long talk"}, turns=3),
        *at_once({"text": "anything"}),
    ]
    with client_of(entries) as client:
        blocks = [{"type": "text", "text": "You"}, {"type": "text", "text": "route mail."}]
        said = [
            ask(client, "An order"),
            ask(client, "An order", system="You route mail."),
            ask(client, "An order", system="You route mail.", model=SONNET),
            ask(client, "An order", system=blocks),
        ]
        turns = [("user", "order"), ("assistant", "Yes?"), ("user", "tea")]
        messages = [{"role": role, "content": content} for role, content in turns]
        said.append(client.messages.create(model=HAIKU, max_tokens=4000, messages=messages))
    expected = ["no system", "router", "router on sonnet", "anything", "long talk"]
    assert [text_of(message) for message in said] == expected


def test_the_same_question_gets_its_replies_in_turn_and_then_an_error():
    with client_of(at_once({"text": "first"}, {"text": "second"})) as client:
        assert [text_of(ask(client)) for _ in range(2)] == ["first", "second"]
        assert text_of(ask(client, "Another question")) == "first"
        with pytest.raises(
            anthropic.BadRequestError, match=r"entry 1 \(agent tester\) has 2 .* request number 3"
        ):
            ask(client)


def test_five_identical_questions_at_once_get_five_different_replies():
    async def five(client):
        return await asyncio.gather(*(ask(client) for _ in range(5)))

    with async_client_of(
        at_once(*({"text": f"vote {k}", "seconds": 0.1} for k in range(5)))
    ) as run:
        messages = run(five)
    assert sorted(map(text_of, messages)) == [f"vote {k}" for k in range(5)]
    assert len({message.id for message in messages}) == 5


def test_a_request_that_no_entry_fits_is_told_what_was_asked_and_where_to_answer(tmp_path):
    path = tmp_path / "07_lesson.yaml"
    path.write_text(
        "- agent: a\n  when: {user: something else}\n  replies: [{text: Hi}]\n", encoding="utf-8"
    )
    with (
        serving([path]) as base_url,
        anthropic.Anthropic(base_url=base_url, api_key="any") as client,
    ):
        with pytest.raises(anthropic.BadRequestError) as caught:
            ask(client, "Where is my parcel?", system="You answer for a shop.")
    for words in ("You answer for a shop.", "Where is my parcel?", "07_lesson.yaml"):
        assert words in caught.value.api_message


def test_two_stand_ins_give_the_same_ids():
    def run():
        with client_of(at_once({"content": [CALL]}, {"text": "again"})) as client:
            messages = [ask(client), ask(client)]
            return [(message.to_dict(), message._request_id) for message in messages]

    assert run() == run()


# What the API refuses


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"extra_body": {"temperature": 0.2}}, "temperature"),
        ({"extra_body": {"top_p": 1}}, "top_p"),
        ({"extra_body": {"top_k": 5}}, "top_k"),
        ({"extra_body": {"mood": "good"}}, "mood: Extra inputs"),
        ({"extra_body": {"max_tokens": None}}, "max_tokens: Field required"),
        ({"extra_body": {"model": None}}, "model: Field required"),
        ({"extra_body": {"messages": None}}, "messages: Field required"),
        ({"extra_body": {"messages": []}}, "at least one message"),
        ({"extra_body": {"messages": ["hi"]}}, "malformed"),
        ({"extra_body": {"messages": [{"role": "user", "content": ""}]}}, "not empty"),
        (
            {"extra_body": {"messages": [*HELLO, {"role": "assistant", "content": "Hi, I"}]}},
            "prefill",
        ),
        ({"max_tokens": -1}, "max_tokens"),
        ({"model": SONNET, "tools": [ADD], "tool_choice": {"type": "any"}}, "tool_choice"),
        (
            {"model": OPUS, "tools": [ADD], "tool_choice": {"type": "tool", "name": "add"}},
            "tool_choice",
        ),
        ({"model": SONNET, "thinking": {"type": "disabled"}}, "thinking"),
        ({"model": OPUS, "thinking": {"type": "enabled", "budget_tokens": 2000}}, "thinking"),
    ],
)
def test_a_bad_request_is_refused(options, words):
    with client_of(at_once({"text": "never reached"})) as client:
        with pytest.raises(anthropic.BadRequestError, match=words) as caught:
            ask(client, **options)
    assert caught.value.type == "invalid_request_error"
    assert caught.value.request_id.startswith("req_")


@pytest.mark.parametrize(
    ("tool_use_id", "words"), [("toolu_x", "`tool_result` without"), (None, "no `tool_result`")]
)
def test_tool_calls_and_tool_results_must_pair(tool_use_id, words):
    call = {"type": "tool_use", "id": "toolu_a", "name": "add", "input": {}}
    result = {"type": "tool_result", "tool_use_id": tool_use_id, "content": "5"}
    answer = [result] if tool_use_id else [{"type": "text", "text": "Well?"}]
    turns = [("user", "2 + 3?"), ("assistant", [call]), ("user", answer)]
    with (
        client_of(at_once({"text": "never reached"})) as client,
        pytest.raises(anthropic.BadRequestError, match=words),
    ):
        ask(
            client,
            extra_body={
                "messages": [{"role": role, "content": content} for role, content in turns]
            },
        )


def test_forced_tools_are_allowed_on_haiku():
    with client_of(at_once({"content": [CALL]})) as client:
        assert ask(client, tools=[ADD], tool_choice={"type": "any"}).stop_reason == "tool_use"


@pytest.mark.parametrize("model", ["claude-haiku-4", "claude-x"])
def test_a_model_that_never_was_is_not_found(model):
    with client_of(at_once({"text": "never reached"})) as client:
        with pytest.raises(anthropic.NotFoundError, match=f"model: {model}") as caught:
            ask(client, model=model)
    assert caught.value.type == "not_found_error"


def test_a_retired_model_is_not_found(monkeypatch):
    with client_of(at_once({"text": "Hi."})) as client:
        assert ask(client, model=OPUS).model == OPUS
        monkeypatch.setitem(DEPRECATED_MODELS, OPUS, "June 30th, 2026")
        with pytest.warns(DeprecationWarning), pytest.raises(anthropic.NotFoundError):
            ask(client, model=OPUS)


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer wrong-key"}, {"x-api-key": "wrong"}]
)
def test_a_missing_or_wrong_key_is_refused(headers):
    assert post(headers | {"anthropic-version": "2026-10-21"}) == (401, "authentication_error")


def test_either_header_carries_a_key_and_the_version_must_be_there():
    with client_of(at_once({"text": "Hi."}), api_key="wrong-key") as client:
        with pytest.raises(anthropic.AuthenticationError, match="invalid x-api-key"):
            ask(client)
    assert post({"x-api-key": "any", "anthropic-version": "2026-10-21"}) == (200, None)
    assert post({"x-api-key": "any"}) == (400, "invalid_request_error")


def post(headers):
    """Status and type of error of a request without the SDK's headers."""
    body = {"model": HAIKU, "max_tokens": 100, "messages": HELLO}
    with serving(entries=at_once({"text": "Hi."})) as base_url:
        response = httpx2.post(
            base_url + "/v1/messages", headers=headers, json=body, trust_env=False
        )
    return response.status_code, response.json().get("error", {}).get("type")


# Time


@pytest.mark.parametrize(("model", "seconds"), [(HAIKU, 0.8), (SONNET, 3.4), (OPUS, 6.3)])
def test_latency_is_first_token_plus_tokens_over_speed(model, seconds):
    body = {"model": model, "max_tokens": 4000, "messages": HELLO}
    message = messages_api.message_for({"text": "x" * 33}, body, 1)
    assert messages_api.moments(message, {})[-1] == seconds


@pytest.fixture
def waits(monkeypatch):
    """Until how many seconds after its request the stand-in waited, each time."""
    waits, wait_until = [], server.Handler.wait_until

    def note(handler, seconds):
        waits.append(seconds)
        wait_until(handler, seconds)

    monkeypatch.setattr(server.Handler, "wait_until", note)
    return waits


def seconds_of_asking(client, times=1):
    start = time.monotonic()
    for _ in range(times):
        with suppress(anthropic.InternalServerError):
            ask(client)
    return time.monotonic() - start


def test_latency_is_really_slept(waits):
    with client_of([{"replies": [{"text": "x" * 33}]}]) as client:
        assert seconds_of_asking(client) >= 0.8 - TICK
    assert waits == [0.8]


def test_the_author_can_set_the_seconds_of_a_reply_and_of_an_error(waits):
    error = {"status": 500, "error": {"type": "api_error", "message": "Sorry"}, "seconds": 0.2}
    with client_of(at_once({"text": LONG, "seconds": 0.2}, error)) as client:
        assert seconds_of_asking(client, times=2) >= 0.4 - 2 * TICK
    assert waits == [0.2, 0.2]


def test_fifty_calls_at_once_all_wait_at_the_same_time(monkeypatch):
    async def fifty(client):
        return await asyncio.gather(*(ask(client, f"Question {k}") for k in range(50)))

    # one that came alone, or after another, would break it
    all_there = threading.Barrier(50, timeout=600)
    monkeypatch.setattr(server.Handler, "wait_until", lambda handler, seconds: all_there.wait())
    with async_client_of(at_once({"text": "Yes."})) as run:
        assert [text_of(message) for message in run(fifty)] == ["Yes."] * 50


# Streams


def streamed(client, **options):
    """The final message of a stream and the seconds at which its raw events came, by type."""
    seconds, start = {}, time.monotonic()
    request = {"model": HAIKU, "max_tokens": 4000, "messages": HELLO, **options}
    with client.messages.stream(**request) as stream:
        for event in stream:
            seconds.setdefault(event.type, []).append(time.monotonic() - start)
        return stream.get_final_message(), seconds


@pytest.mark.parametrize(
    "reply",
    [
        {"text": LONG + "\nÄpfel\u2028  \n\n und 茶"},
        {"text": ""},
        {"content": [{"text": "I add."}, CALL, {"tool_use": {"name": "now", "input": {}}}]},
        {"json": {"label": "ship", "score": 7}},
        {"refusal": {"category": None, "explanation": "No."}},
        {"text": LONG, "stop_reason": "max_tokens"},
    ],
)
def test_a_joined_stream_equals_the_plain_reply(reply):
    with client_of(at_once(reply)) as client:
        plain, (joined, _) = ask(client).to_dict(), streamed(client)
    assert without_ids(joined.to_dict()) == without_ids(plain)


def without_ids(message):
    blocks = [
        {k: v for k, v in block.items() if k not in ("id", "signature")}
        for block in message["content"]
    ]
    return message | {"id": "", "content": blocks}


def test_a_stream_waits_for_the_first_token_then_thinks_then_speaks_every_tenth_of_a_second(
    waits,
):
    due = [0.5, *(0.8 + k / 10 for k in range(6)), 1.3]  # 40 + 73 tokens
    with client_of([{"replies": [{"text": LONG}]}]) as client:
        message, seconds = streamed(client)
    assert text_of(message) == LONG
    came = [*seconds["message_start"], *seconds["text"], *seconds["message_stop"]]
    assert all(moment >= planned - TICK for moment, planned in zip(came, due, strict=True))
    assert [wait for wait, _ in itertools.groupby(waits)] == pytest.approx(due[:-1])


def test_the_wire_has_the_events_of_the_api_in_order():
    with client_of(at_once({"content": [{"text": "I add."}, CALL]})) as client:
        with client.messages.with_streaming_response.create(
            model=HAIKU, max_tokens=4000, stream=True, messages=HELLO
        ) as response:
            lines = [line for line in response.iter_lines() if line]
    names, data = lines[::2], [json.loads(line.removeprefix("data: ")) for line in lines[1::2]]
    assert names == [f"event: {event['type']}" for event in data]
    block = ["content_block_start", "content_block_delta", "content_block_stop"]
    assert [event["type"] for event in data] == [
        "message_start",
        "ping",
        *block * 3,
        "message_delta",
        "message_stop",
    ]
    deltas = [event["delta"]["type"] for event in data if event["type"] == "content_block_delta"]
    assert deltas == ["signature_delta", "text_delta", "input_json_delta"]
    assert (
        data[0]["message"]["usage"]["input_tokens"] > 0
        and data[0]["message"]["stop_reason"] is None
    )
    assert (
        data[-2]["delta"]["stop_reason"] == "tool_use" and data[-2]["usage"]["output_tokens"] > 40
    )


def test_an_async_stream_and_an_error_in_place_of_one():
    error = {"status": 529, "error": {"type": "overloaded_error", "message": "Busy"}}

    async def call(client):
        request = {"model": HAIKU, "max_tokens": 4000, "messages": HELLO}
        async with client.messages.stream(**request) as stream:
            words = [text async for text in stream.text_stream]
        with pytest.raises(anthropic.OverloadedError):
            async with client.messages.stream(**request):
                pass
        return "".join(words)

    with async_client_of(at_once({"text": "Good morning."}, error)) as run:
        assert run(call) == "Good morning."


def test_a_client_that_hangs_up_leaves_no_traceback(capfd):
    with client_of(at_once({"text": LONG, "seconds": 0.3}, {"text": "Next."})) as client:
        with client.messages.create(
            model=HAIKU, max_tokens=4000, stream=True, messages=HELLO, timeout=600
        ) as stream:
            next(iter(stream))
        with pytest.raises(anthropic.APITimeoutError):
            ask(client.with_options(timeout=0.001))
        time.sleep(0.4)
    assert capfd.readouterr().err == ""


def test_closing_does_not_wait_for_a_slow_reply(capfd):
    with serving(entries=at_once({"text": "Late.", "seconds": 3600})) as base_url:
        host, port = base_url.removeprefix("http://").split(":")
        body = json.dumps({"model": HAIKU, "max_tokens": 9, "messages": HELLO})
        head = "POST /v1/messages HTTP/1.1\r\nx-api-key: k\r\nanthropic-version: v\r\n"
        connection = socket.create_connection((host, int(port)))
        connection.sendall(f"{head}content-length: {len(body)}\r\n\r\n{body}".encode())
        time.sleep(0.1)
        start = time.monotonic()
    assert time.monotonic() - start < 600
    connection.close()
    assert capfd.readouterr().err == ""


# The other endpoints, the file and the command


def test_count_tokens_counts_what_the_reply_bills():
    request = {
        "model": HAIKU,
        "system": "Add.",
        "tools": [ADD],
        "messages": [{"role": "user", "content": "2 + 3?"}],
    }
    with client_of(at_once({"text": "5"})) as client:
        counted = client.messages.count_tokens(**request).input_tokens
        assert counted == client.messages.create(max_tokens=4000, **request).usage.input_tokens
        assert client.messages.count_tokens(**request, output_format=Verdict).input_tokens > counted
        with pytest.raises(anthropic.BadRequestError, match="max_tokens: Extra"):
            client.messages.count_tokens(**request, extra_body={"max_tokens": 5})


def test_models_can_be_listed_and_retrieved():
    with client_of([]) as client:
        assert {HAIKU, SONNET, OPUS} <= {model.id for model in client.models.list()}
        assert client.models.retrieve(HAIKU).lifecycle == "active"
        with pytest.raises(anthropic.NotFoundError, match="claude-x"):
            client.models.retrieve("claude-x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("agent: a", "expected a list"),
        ("- agent: a", r"entry 1 \(agent a\): .*'replies' is a required"),
        ("- {agent: a, replies: []}", "entry 1"),
        (
            "- {replies: [{text: x}]}\n- {agent: b, replies: [{txt: x}]}",
            r"entry 2 \(agent b\): .*'txt' was unexpected",
        ),
        ("- {agent: a, when: {users: x}, replies: [{text: x}]}", "'users' was unexpected"),
        ("- {agent: a, replies: [{text: x, json: {}}]}", r"replies\[0\]"),
        ("- {agent: a, replies: [{seconds: 1}]}", r"replies\[0\]"),
        ("- {agent: a, replies: [{status: 529}]}", "error"),
        (
            "- {agent: a, replies: [{content: [{text: x, tool_use: {name: a, input: {}}}]}]}",
            r"content\[0\]",
        ),
        ("- just words", "entry 1"),
    ],
)
def test_a_wrong_file_of_replies_is_an_error_that_names_file_and_entry(tmp_path, text, words):
    path = tmp_path / "01_agent.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=f"01_agent.yaml.*{words}"), serving([path]):
        pass


def test_the_example_in_the_readme_works(tmp_path):
    path = tmp_path / "example.yaml"
    example = (
        (TOOLS / "replies" / "README.md")
        .read_text(encoding="utf-8")
        .split("```")[1]
        .removeprefix("yaml")
    )
    path.write_text(example, encoding="utf-8")
    with (
        serving([path]) as base_url,
        anthropic.Anthropic(base_url=base_url, api_key="any", max_retries=0) as client,
    ):
        assert '"team": "billing"' in text_of(
            ask(client, "I paid twice!", system="You route mail for a shop.")
        )


@pytest.mark.slow
def test_the_command_prints_its_address_and_serves_until_interrupted(tmp_path):
    path = tmp_path / "01_agent.yaml"
    path.write_text("- {agent: a, replies: [{text: Hi, seconds: 0}]}", encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "mas_stand_in", path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        words, _, base_url = process.stdout.readline().strip().rpartition(" ")
        with anthropic.Anthropic(base_url=base_url, api_key="any") as client:
            said = text_of(ask(client))
        process.terminate() if os.name == "nt" else process.send_signal(
            signal.SIGINT
        )  # nobody can send Ctrl-C there
        _, errors = process.communicate(timeout=600)
    assert (words, said, errors) == ("stand-in model on", "Hi", "")
    assert process.returncode == 0 or os.name == "nt"


def test_the_command_says_what_is_wrong_with_a_file(tmp_path, monkeypatch):
    path = tmp_path / "01_agent.yaml"
    path.write_text("agent: a", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["mas-stand-in", str(path)])
    with pytest.raises(SystemExit, match="01_agent.yaml: expected a list"):
        command.main()


def test_without_jsonschema_it_says_what_to_install(tmp_path, monkeypatch):
    path = tmp_path / "01_agent.yaml"
    path.write_text("- {replies: [{text: Hi}]}", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    monkeypatch.setattr(sys, "argv", ["mas-stand-in", str(path)])
    with pytest.raises(SystemExit, match="is missing: pip install jsonschema"):
        command.main()
