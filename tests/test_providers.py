"""An agent on openai's client: recorded, replayed, timed, traced, priced and broken like one on
anthropic's; and the loop that asks again for JSON.
"""

import anthropic
import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

from mas_helpers import Agent, Fault, connect, cost_usd, fake_client, run, timeline, trace
from mas_helpers.agents import (
    ChatAgent,
    ProviderError,
    ReplyEmpty,
    ReplyMalformed,
    ReplyRefused,
    ReplyTruncated,
    ReplyUnreadable,
    answer_of,
    message_of,
    parse_until_valid,
    usage_of,
)
from mas_helpers.agents.failures import keep_paid
from mas_helpers.bench import MissingRecording, missing_attributes, recordings
from mas_helpers.bench.transports.record import finish_all

GPT = "gpt-6-luna"  # genai-prices knows it
ENTRIES = [
    {"when": {"user": "three rolls"}, "replies": [{"json": {"item": "roll", "quantity": 3}}]},
    {"when": {"user": "Hello"}, "replies": [{"text": "Good morning.", "cached_tokens": 5}]},
]


class Order(BaseModel):
    item: str
    quantity: int


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A recording of two calls, made over a socket by openai's own client."""
    from mas_stand_in import serving

    folder = tmp_path_factory.mktemp("providers")
    entries = [
        {**one, "replies": [{**reply, "seconds": 0.2} for reply in one["replies"]]}
        for one in ENTRIES
    ]
    with serving(entries=entries) as address:
        at = {"mode": "record", "base_url": f"{address}/v1", "api_key": "a-key", "folder": folder}
        clerk = clerk_of(connect("x", client_class=openai.AsyncOpenAI, **at))
        run(clerk.parse("three rolls", Order))
        run(clerk.run("Hello"))
        finish_all()
    return folder


def clerk_of(client):
    return ChatAgent("clerk", GPT, "You take orders.", client=client)


def replayed(folder, **options):
    options = {"strict": True, "client_class": openai.AsyncOpenAI, **options}
    return clerk_of(connect("x", mode="replay", folder=folder, **options))


def test_openais_client_is_recorded_and_replays_without_its_key(folder, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    written = (folder / "x.yaml").read_text(encoding="utf-8")
    assert "a-key" not in written and "/v1/chat/completions" in written
    clerk = replayed(folder)
    assert type(clerk.client) is openai.AsyncOpenAI
    assert run(clerk.parse("three rolls", Order)) == Order(item="roll", quantity=3)


def test_a_replay_takes_the_recorded_seconds_and_is_traced_and_priced(folder):
    with trace() as t:
        assert run(replayed(folder).run("Hello")) == "Good morning."
    (call,) = t.calls
    assert (t.seconds, call.seconds, call.agent, call.model) == (0.2, 0.2, "clerk", GPT)
    assert (call.prompt, call.system, call.answer) == ("Hello", "You take orders.", "Good morning.")
    assert call.stop_reason == "end_turn" and call.cache_read_tokens == 5
    assert 0 < cost_usd(t) < 0.001 and cost_usd(t).unknown == ()
    assert [missing_attributes(span) for span in t.spans] == [[]] * len(t.spans)
    assert {span.attributes["gen_ai.provider.name"] for span in t.spans[1:]} == {"openai"}
    assert "clerk" in repr(timeline(t))


def test_the_sync_client_replays_too(folder):
    client = connect("x", mode="replay", folder=folder, client_class=openai.OpenAI, strict=True)
    messages = [
        {"role": "system", "content": "You take orders."},
        {"role": "user", "content": "Hello"},
    ]
    completion = client.chat.completions.create(
        model=GPT, messages=messages, max_completion_tokens=4000
    )
    assert completion.choices[0].message.content == "Good morning."


def test_a_request_that_was_never_recorded_is_said_to_be_so_and_not_asked_again(folder):
    with pytest.raises(MissingRecording, match=r"messages\[1\].content"):
        run(replayed(folder).run("Hullo"))
    with pytest.raises(MissingRecording, match="the recorded replies give .*fields item, quantity"):
        run(replayed(folder, strict=False).parse("three rolls", Hours))


class Hours(BaseModel):
    opens: int


@pytest.mark.parametrize(
    ("fault", "seconds", "attempts"),
    [
        (Fault("overloaded", attempts=1), 0.1 + 0.5 + 0.2, 2),
        (Fault("reset", attempts=1), 0.5 + 0.5 + 0.2, 2),
        (Fault("rate_limited", seconds=3, attempts=1), 3 + 0.2, 2),
        (Fault("slow", seconds=2), 2.2, 1),
    ],
    ids=str,
)
def test_openais_own_retries_take_the_same_time_in_each_run(folder, fault, seconds, attempts):
    with trace() as t:
        assert run(replayed(folder, faults=[fault]).run("Hello")) == "Good morning."
    (call,) = t.calls
    assert t.seconds == pytest.approx(seconds, abs=1e-9)
    assert len(call.attempts) == attempts and call.retries == attempts - 1


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("overloaded", ProviderError),
        ("rate_limited", ProviderError),
        ("reset", ProviderError),
        ("timeout", ProviderError),
        ("truncated", ReplyTruncated),
        ("refused", ReplyRefused),
        ("empty", ReplyEmpty),
        ("malformed", ReplyMalformed),
        ("not_a_message", ReplyUnreadable),
        ("half_a_body", ReplyUnreadable),
        ("no_fields", ReplyUnreadable),
        ("error_in_stream", ReplyUnreadable),
    ],
)
def test_each_fault_reaches_a_pattern_as_no_answer(folder, kind, error):
    clerk = replayed(folder, faults=[Fault(kind)], timeout=5.0)
    with pytest.raises(error) as caught:
        run(answer_of(clerk, "three rolls", Order))
    if error is ProviderError:
        assert isinstance(caught.value.__cause__, openai.APIError)


def test_the_span_of_a_call_says_how_openais_client_failed(folder):
    with trace() as t, pytest.raises(ProviderError):
        run(replayed(folder, faults=[Fault("overloaded")]).run("Hello"))
    assert t.calls[0].error == "InternalServerError"


def test_an_answer_is_noted_as_paid_for(folder):
    with keep_paid() as paid:
        run(replayed(folder).run("Hello"))
    assert [(part.agent, part.answer) for part in paid] == [("clerk", "Good morning.")]
    assert paid[0].cost_usd > 0


def completion(finish_reason="stop", usage=None, **said):
    message = {"role": "assistant", "content": "Yes.", **said}
    choice = {"index": 0, "finish_reason": finish_reason, "message": message}
    usage = usage or {"prompt_tokens": 1200, "completion_tokens": 90, "total_tokens": 1290}
    return ChatCompletion.model_validate(
        {
            "id": "c",
            "object": "chat.completion",
            "created": 0,
            "model": GPT,
            "choices": [choice],
            "usage": usage,
        }
    )


@pytest.mark.parametrize(
    ("finish_reason", "stop_reason"),
    [("stop", "end_turn"), ("length", "max_tokens"), ("content_filter", "refusal")],
)
def test_why_a_completion_ends_in_the_words_of_the_messages_api(finish_reason, stop_reason):
    assert message_of(completion(finish_reason)).stop_reason == stop_reason


def test_a_refusal_is_one_whatever_the_finish_reason_says():
    message = message_of(completion(content=None, refusal="I can't help with that."))
    assert (message.stop_reason, message.content[0].text) == ("refusal", "I can't help with that.")


def test_tool_calls_become_blocks_with_arguments_that_were_read():
    function = {"name": "stock", "arguments": '{"item": "rye"}'}
    calls = [{"id": "call_1", "type": "function", "function": function}]
    message = message_of(completion("tool_calls", content=None, tool_calls=calls))
    assert (message.stop_reason, message.content[0].input) == ("tool_use", {"item": "rye"})
    function["arguments"] = '{"item": '
    with pytest.raises(ReplyUnreadable):
        message_of(completion("tool_calls", content=None, tool_calls=calls))


def test_tokens_from_a_cache_are_counted_once():
    usage = {
        "prompt_tokens": 1200,
        "completion_tokens": 90,
        "total_tokens": 1290,
        "prompt_tokens_details": {"cached_tokens": 1000},
    }
    counted = usage_of(completion(usage=usage).usage)
    assert (counted.input_tokens, counted.cache_read_input_tokens) == (200, 1000)
    assert usage_of(completion().usage).input_tokens == 1200


@pytest.mark.parametrize("came", ["a page", None, completion().model_copy(update={"choices": []})])
def test_what_is_no_completion_is_unreadable(came):
    with pytest.raises(ReplyUnreadable):
        message_of(came)


def test_a_completion_without_usage_is_unreadable():
    with pytest.raises(ReplyUnreadable):
        message_of(completion().model_copy(update={"usage": None}))


def clerk_saying(*answers):
    asked = []

    def answer(body):
        asked.append(body["messages"][-1]["content"])
        return answers[len(asked) - 1]

    return Agent("clerk", "m", "s", client=fake_client(answer)), asked


def test_asking_again_names_the_answer_and_what_is_wrong_with_it():
    clerk, asked = clerk_saying("Three rolls!", '{"item": "roll", "quantity": 3}')
    assert run(parse_until_valid(clerk, "three rolls", Order)) == Order(item="roll", quantity=3)
    assert asked[0] == "three rolls" and len(asked) == 2
    assert asked[1].startswith("three rolls\n") and "Three rolls!" in asked[1]
    assert "Invalid JSON" in asked[1]


def test_the_last_attempt_raises_and_its_answer_is_in_no_prompt():
    clerk, asked = clerk_saying("one", '{"item": "roll"}', "three")
    with pytest.raises(ReplyMalformed):
        run(parse_until_valid(clerk, "three rolls", Order, attempts=3))
    assert len(asked) == 3
    assert "quantity: Field required" in asked[2] and "one" not in asked[2].split("\n")


def test_a_reply_that_was_cut_is_not_asked_for_again():
    cut = {"content": [{"type": "text", "text": "{"}], "stop_reason": "max_tokens"}
    clerk, asked = clerk_saying(cut, "{}")
    with pytest.raises(ReplyTruncated):
        run(parse_until_valid(clerk, "three rolls", Order))
    assert len(asked) == 1


@pytest.mark.parametrize("attempts", [0, -1])
def test_without_an_attempt_nobody_is_asked(attempts):
    clerk, asked = clerk_saying()
    with pytest.raises(ValueError, match="1 or more"):
        run(parse_until_valid(clerk, "three rolls", Order, attempts=attempts))
    assert asked == []


# the stand-in's second door


def ask(address, **request):
    client = openai.OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0)
    with client:
        return client.chat.completions.create(model="any-model", **request)


HELLO = [{"role": "user", "content": "Hello"}]
STOCK = {"type": "function", "function": {"name": "stock", "parameters": {"type": "object"}}}


def test_the_stand_in_answers_chat_completions_from_the_same_entries(stand_in):
    reply = {"text": "Good morning.", "seconds": 0, "thinking_tokens": 30, "cached_tokens": 1}
    entry = {"when": {"system": "Be short", "user": "Hello"}, "replies": [reply]}
    with stand_in(entries=[entry]) as address:
        came = ask(address, messages=[{"role": "system", "content": "Be short."}, *HELLO])
    assert (came.choices[0].message.content, came.choices[0].finish_reason) == (
        "Good morning.",
        "stop",
    )
    assert came.usage.completion_tokens_details.reasoning_tokens == 30
    assert came.usage.prompt_tokens_details.cached_tokens == 1
    assert came.usage.prompt_tokens == 5  # "Be short." and "Hello": 14 characters


def test_no_more_of_a_prompt_is_cached_than_there_is(stand_in):
    reply = {"text": "Good morning.", "seconds": 0, "cached_tokens": 1000}
    with stand_in(entries=[{"replies": [reply]}]) as address:
        usage = ask(address, messages=HELLO).usage
    assert usage.prompt_tokens == usage.prompt_tokens_details.cached_tokens == 2


def test_the_stand_in_cuts_refuses_and_calls_tools_there_too(stand_in):
    call = {"tool_use": {"name": "stock", "input": {"item": "rye"}}}
    replies = {
        "cut": {"text": "A long answer. " * 20, "thinking_tokens": 0},
        "refuse": {"refusal": {}},
        "tool": {"content": [call]},
    }
    entries = [
        {"when": {"first": word, "turns": 1}, "replies": [{**reply, "seconds": 0}]}
        for word, reply in replies.items()
    ]
    after = {"when": {"first": "tool", "turns": 3, "user": "7 left"}, "replies": [{"text": "7."}]}
    after["replies"][0]["seconds"] = 0
    with stand_in(entries=[*entries, after]) as address:
        for word, reason in [("cut", "length"), ("refuse", "content_filter")]:
            came = ask(
                address, messages=[{"role": "user", "content": word}], max_completion_tokens=20
            )
            assert came.choices[0].finish_reason == reason
        first = {"role": "user", "content": "tool"}
        said = ask(address, messages=[first], tools=[STOCK]).choices[0]
        assert said.finish_reason == "tool_calls"
        (one,) = said.message.tool_calls
        assert one.function.arguments == '{"item": "rye"}'
        result = {"role": "tool", "tool_call_id": one.id, "content": "7 left"}
        turns = [first, said.message.model_dump(exclude_none=True), result]
        assert ask(address, messages=turns, tools=[STOCK]).choices[0].message.content == "7."


def test_the_stand_in_checks_a_json_against_the_schema_of_response_format(stand_in):
    schema = {"type": "object", "required": ["item"], "properties": {"item": {"type": "string"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "Order", "schema": schema}}
    with stand_in(entries=[{"replies": [{"json": {"item": 3}}]}]) as address:
        with pytest.raises(openai.InternalServerError, match="breaks the schema"):
            ask(address, messages=HELLO, response_format=wanted)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"messages": []}, "at least one message"),
        ({"messages": HELLO, "stream": True}, "doesn't stream"),
        ({"messages": [{"role": "tool", "tool_call_id": "x", "content": "7"}]}, "tool_result"),
    ],
)
def test_the_stand_in_refuses_what_a_server_would_refuse(stand_in, request_, said):
    with stand_in(entries=[{"replies": [{"text": "Hi."}]}]) as address:
        with pytest.raises(openai.BadRequestError, match=said):
            ask(address, **request_)


def test_the_stand_in_wants_a_key_and_no_version(stand_in):
    with stand_in(entries=[]) as address:
        answer = httpx2.post(f"{address}/v1/chat/completions", json={"messages": HELLO})
    assert answer.status_code == 401


def test_the_same_words_through_both_doors_are_two_requests(stand_in):
    entry = {"replies": [{"text": "Once.", "seconds": 0}]}
    model = "claude-haiku-5-5"
    with stand_in(entries=[entry]) as address:
        with anthropic.Anthropic(base_url=address, api_key="any", max_retries=0) as client:
            client.messages.create(model=model, max_tokens=100_000, messages=HELLO, timeout=9)
        with openai.OpenAI(base_url=f"{address}/v1", api_key="any", max_retries=0) as other:
            came = other.chat.completions.create(model=model, messages=HELLO)
    assert came.choices[0].message.content == "Once."


def test_the_live_cost_of_a_recording_counts_completions_and_leaves_out_what_has_no_price(folder):
    from mas_helpers.course.live_costs import cost_of_recording

    (kept,) = [recordings.load(path) for path in folder.glob("*.yaml")]
    cost = cost_of_recording(kept)
    with trace() as t:
        run(replayed(folder).run("Hello"))
        run(replayed(folder).parse("three rolls", Order))
    assert cost.calls == 2 and cost.cost_usd == pytest.approx(float(cost_usd(t)))
    assert cost.input_tokens == sum(call.input_tokens for call in t.calls)
    for exchange in kept.exchanges:
        exchange.request["body"]["model"] = exchange.reply.body["model"] = "a-model-of-mine"
    assert cost_of_recording(kept).cost_usd == 0
    assert cost_of_recording(kept).cost_usd.unknown == ("a-model-of-mine",)
