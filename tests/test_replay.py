"""Replay: the k-th reply to the k-th identical call, its seconds, its timeouts, and what a miss
says.

No socket.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
import traceback
import types
from concurrent.futures import ThreadPoolExecutor

import anthropic
import httpx2
import pytest
from anthropic import beta_tool

from mas_helpers import HAIKU, SONNET, Agent, ToolAgent, connect, fake_client, run, text_of, trace
from mas_helpers.bench import Fault, MissingRecording, ModeError
from mas_helpers.bench.recordings import Exchange, Recording, Reply
from mas_helpers.bench.transports.replay import NoReply, request_of


def request(words, system="You answer.", model=HAIKU, **more):
    messages = [{"role": "user", "content": words}]
    body = {"model": model, "max_tokens": 4000, "system": system, "messages": messages, **more}
    return {"method": "POST", "path": "/v1/messages", "body": body}


def message(text, **more):
    usage = {"input_tokens": 10, "output_tokens": 5}
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": HAIKU,
        "stop_reason": "end_turn", "stop_sequence": None, "usage": usage,
        "content": [{"type": "text", "text": text}], **more,
    }  # fmt: skip


def said(words, text, seconds=1.0, agent="worker", **more):
    return Exchange(
        agent,
        request(words, **more),
        Reply(200, seconds, {"content-type": "application/json"}, message(text)),
    )


@pytest.fixture
def recording(tmp_path):
    """Writes a recording and gives the arguments that open it."""

    def write(*exchanges):
        Recording("desk", "test", exchanges=list(exchanges)).save(tmp_path / "desk.yaml")
        return {"name": "desk", "folder": tmp_path}

    return write


def worker(client, system="You answer.", model=HAIKU):
    return Agent("worker", model, system, client=client)


def test_a_recorded_reply_takes_its_recorded_seconds(recording):
    client = connect(**recording(said("hi", "hello", 4.2)))
    with trace() as t:
        assert run(worker(client).run("hi")) == "hello"
    assert t.seconds == 4.2
    assert [(c.agent, c.model, c.seconds, c.input_tokens) for c in t.calls] == [
        ("worker", HAIKU, 4.2, 10)
    ]


def test_five_identical_calls_at_once_get_five_replies_in_the_order_of_arrival(recording):
    client = connect(
        **recording(*(said("vote", f"vote {k}", 5.0 - k) for k in range(5))), strict=True
    )

    async def votes():
        return await asyncio.gather(*(worker(client).run("vote") for _ in range(5)))

    with trace() as t:
        assert run(votes()) == ["vote 0", "vote 1", "vote 2", "vote 3", "vote 4"]
    assert t.seconds == 5.0


def test_a_sixth_call_is_an_error_in_strict_replay_and_starts_over_otherwise(recording):
    where = recording(said("vote", "first"), said("vote", "second"))
    agent = worker(connect(**where))
    assert [run(agent.run("vote")) for _ in range(3)] == ["first", "second", "first"]
    agent = worker(connect(**where, strict=True))
    assert [run(agent.run("vote")) for _ in range(2)] == ["first", "second"]
    with pytest.raises(
        MissingRecording, match="asked the same thing 3 times; the recording holds 2 of the replies"
    ):
        run(agent.run("vote"))


def test_a_miss_in_strict_replay_says_who_what_differs_and_how_to_go_on(recording):
    client = connect(**recording(said("the weather in Oslo", "rain")), strict=True)
    with pytest.raises(MissingRecording) as caught, trace() as t:
        run(worker(client).run("the weather in Rome"))
    said_words = str(caught.value)
    for words in [
        "Agent 'worker' on recording 'desk'",
        "alike",
        "messages[0].content\n",
        "recorded: the weather in Oslo",
        "yours:    the weather in Rome",
        "undo the edit",
        "MAS_MODE=live",
    ]:
        assert words in said_words
    assert isinstance(caught.value, anthropic.AnthropicError)
    assert [call.retries for call in t.calls] == [0]


def test_a_miss_by_other_tools_or_schema_is_an_error_even_when_not_strict(recording):
    client = connect(**recording(said("hi", "hello")))
    with pytest.raises(
        MissingRecording, match="It asks for the tools clock; the recorded replies give a text."
    ):
        run(
            worker(client).reply(
                "hi", tools=[{"name": "clock", "input_schema": {"type": "object"}}]
            )
        )


def test_an_edited_prompt_plays_the_nearest_reply_and_says_so_each_time(recording, capsys):
    client = connect(
        **recording(said("the weather in Oslo", "rain"), said("a poem on rain please", "drip"))
    )
    for _ in range(2):
        assert run(worker(client).run("the weather in Rome")) == "rain"
        note = capsys.readouterr().err
        assert (
            "Note: Agent 'worker' on recording 'desk' asked something that was never recorded"
            in note
        )
        assert (
            "(changed: message 1; recorded 'the weather in Oslo', yours 'the weather in Rome')"
            in note
        )
        assert "83 % alike; it is not an answer to your words" in note


def test_an_edited_question_to_an_agent_with_tools_is_noted_once(recording, capsys):
    def clock() -> str:
        """The time."""
        return "noon"

    asked = {"type": "tool_use", "id": "toolu_1", "name": "clock", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "noon"}
    tools = [beta_tool(clock).to_dict()]
    first, second = said("what time is it", "", tools=tools), said("", "Noon.", tools=tools)
    first.reply.body |= {"content": [asked], "stop_reason": "tool_use"}
    second.request["body"]["messages"] = [
        *first.request["body"]["messages"],
        {"role": "assistant", "content": [asked]},
        {"role": "user", "content": [result]},
    ]
    client = connect(**recording(first, second))
    agent = ToolAgent("worker", HAIKU, "You answer.", client=client, tools=[clock])
    for _ in range(2):  # and again, when the cell is run again
        assert run(agent.run("what hour is it")) == "Noon."
        assert capsys.readouterr().err.count("Note: ") == 1
    words = [
        {"role": "user", "content": "what hour is it"},
        {"role": "assistant", "content": [asked]},
        {"role": "user", "content": "You tell me."},
    ]
    run(client.messages.create(model=HAIKU, max_tokens=4000, messages=words, tools=tools))
    assert capsys.readouterr().err.count("Note: ") == 1  # other words of yours are noted


def test_an_edited_model_is_named_in_the_note(recording, capsys):
    client = connect(**recording(said("hi", "hello")))
    run(worker(client, model=SONNET).run("hi"))
    note = capsys.readouterr().err
    assert (
        f"was never recorded with model={SONNET}. You see the reply to model={HAIKU}: its text"
        in note
    )


def test_another_limit_plays_the_nearest_limit(recording, capsys):
    cut, long = said("hi", "cut"), said("hi", "long")
    cut.request["body"]["max_tokens"] = 30
    client = connect(**recording(long, cut))
    limited = [
        Agent("worker", HAIKU, "You answer.", client=client, max_tokens=n) for n in (20, 60, 3000)
    ]
    assert [run(agent.run("hi")) for agent in limited] == ["cut", "cut", "long"]
    assert (
        "was never recorded with max_tokens=20. You see the reply to max_tokens=30"
        in capsys.readouterr().err
    )


def test_other_fields_than_the_recorded_ones_are_named(recording):
    schema = {"type": "object", "properties": {"item": {}, "size": {}}}
    output = {"format": {"type": "json_schema", "schema": schema}}
    client = connect(**recording(said("hi", "{}", output_config=output)))
    other = {
        "format": {
            "type": "json_schema",
            "schema": {"type": "object", "properties": {"item": {}, "colour": {}}},
        }
    }
    with pytest.raises(
        MissingRecording,
        match="for the fields item, colour; the recorded replies give the fields item, size",
    ):
        run(worker(client).reply("hi", output_config=other))


def test_messages_that_are_no_list_are_no_reason_to_play_a_recording(recording):
    client = connect(**recording(said("hi", "hello")))
    with pytest.raises(MissingRecording, match="messages must be a list of messages"):
        run(
            client.messages.create(
                model=HAIKU, max_tokens=9, messages={"role": "user", "content": "hi"}
            )
        )


def test_a_miss_shows_the_callers_line_and_not_the_sdks(recording):
    client = connect(**recording(said("hi", "hello")), strict=True)
    with pytest.raises(MissingRecording) as caught:
        run(worker(client).run("ho"))
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [frame.name for frame in frames][1:] == ["run"]
    assert caught.value.__suppress_context__


def test_the_sdks_own_timeout_holds_against_the_recorded_seconds(recording):
    client = connect(**recording(said("hi", "hello", 5.0)), timeout=2.0, max_retries=0)
    with pytest.raises(anthropic.APITimeoutError), trace() as t:
        run(worker(client).run("hi"))
    assert t.seconds == 2.0


def test_a_recorded_error_is_the_sdks_error_and_is_retried_by_it(recording):
    busy = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    failed = Exchange("worker", request("hi"), Reply(529, 1.0, {"retry-after-ms": "500"}, busy))
    client = connect(**recording(failed, said("hi", "hello", 2.0)))
    with trace() as t:
        assert run(worker(client).run("hi")) == "hello"
    assert t.seconds == 3.5
    assert t.calls[0].retries == 1


def test_a_reply_that_is_not_json_reaches_the_sdk_as_it_was(recording):
    client = connect(
        **recording(Exchange("", request("hi"), Reply(502, 0.0, {}, text="<html>bad gateway"))),
        max_retries=0,
    )
    with pytest.raises(anthropic.InternalServerError) as caught:
        run(worker(client).run("hi"))
    assert caught.value.body == "<html>bad gateway"


EVENTS = [
    (
        0.5,
        "message_start",
        {"type": "message_start", "message": message("", content=[], stop_reason=None)},
    ),
    (
        0.5,
        "content_block_start",
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    ),
    (
        1.0,
        "content_block_delta",
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
    ),
    (
        3.0,
        "content_block_delta",
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo"}},
    ),
    (3.0, "content_block_stop", {"type": "content_block_stop", "index": 0}),
    (
        3.0,
        "message_delta",
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 7},
        },
    ),
    (3.0, "message_stop", {"type": "message_stop"}),
]


def streamed():
    events = [
        {"at": at, "data": f"event: {name}\ndata: {json.dumps(data)}\n\n"}
        for at, name, data in EVENTS
    ]
    return Exchange(
        "",
        request("hi", stream=True),
        Reply(200, 0.5, {"content-type": "text/event-stream"}, events=events),
    )


def stream(client):
    body = request("hi")["body"]
    return client.messages.stream(**body)


def test_a_stream_comes_at_its_recorded_times(recording):
    client = connect(**recording(streamed()))

    async def main():
        clock, came = asyncio.get_running_loop().time, []
        async with stream(client) as events:
            async for text in events.text_stream:
                came.append((clock(), text))
            return came, await events.get_final_message()

    with trace() as t:
        came, final = run(main())
    assert came == [(1.0, "Hel"), (3.0, "lo")]
    assert (text_of(final), final.usage.output_tokens, t.seconds, t.calls[0].output_tokens) == (
        "Hello",
        7,
        3.0,
        7,
    )


def test_a_gap_in_a_stream_meets_the_read_timeout(recording):
    client = connect(**recording(streamed()), timeout=1.5)

    async def main():
        async with stream(client) as events:
            return [text async for text in events.text_stream]

    with pytest.raises(httpx2.ReadTimeout), trace() as t:
        run(main())
    assert t.seconds == 2.5


def test_the_sync_client_replays_too_in_threads_and_for_real(recording):
    client = connect(
        **recording(*(said("hi", f"hello {k}", 0.1) for k in range(3))), sync=True, strict=True
    )
    texts = []

    def ask():
        texts.append(text_of(client.messages.create(**request("hi")["body"])))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(texts) == ["hello 0", "hello 1", "hello 2"]


def test_a_plain_await_takes_the_recorded_seconds_for_real(recording):
    client = connect(**recording(said("hi", "hello", 0.2)))

    async def main():
        with trace() as t:
            text = await worker(client).run("hi")
        return text, t.seconds

    text, seconds = asyncio.run(main())
    assert text == "hello"
    assert 0.15 < seconds < 2  # on Windows a wait may end a tick of 15.6 ms early


NO_SOCKET = """
import sys
def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto"):
        raise SystemExit(f"a socket was used: {event} {args}")
sys.addaudithook(refuse)
from mas_helpers import Agent, HAIKU, connect, run
client = connect("desk", folder=sys.argv[1])
print(run(Agent("worker", HAIKU, "You answer.", client=client).run("hi")))
"""


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform == "win32", reason="there an event loop talks to itself over a loopback socket"
)
def test_replay_opens_no_socket_and_needs_no_key(recording):
    folder = recording(said("hi", "hello", 30.0))["folder"]
    done = subprocess.run(
        [sys.executable, "-c", NO_SOCKET, str(folder)], capture_output=True, text=True, timeout=600
    )
    assert (done.stdout, done.returncode) == ("hello\n", 0), done.stderr


def test_an_error_in_the_function_that_plays_the_model_is_said_once():
    asked = []

    def answer(body):
        asked.append(body)
        return {}["weather"]

    with pytest.raises(NoReply, match="KeyError: 'weather'"):
        run(worker(fake_client(answer)).run("hi"))
    assert len(asked) == 1


def test_options_for_the_live_client_do_no_harm_offline(recording):
    where = recording(said("hi", "hello"))
    client = connect(
        **where,
        api_key="mine",
        base_url="http://127.0.0.1:9",
        open_telemetry={"conversation_id": "c1"},
    )
    with trace() as t:
        assert run(worker(client).run("hi")) == "hello"
    assert len(t.calls) == 1
    assert client.api_key == "replay"
    with pytest.raises(TypeError, match="http_client= is what connect\\(\\) brings"):
        connect(**where, http_client=None)


def test_a_plain_client_on_the_virtual_clock_is_told_so():
    client = anthropic.AsyncAnthropic(api_key="x", base_url="http://api.example:9", max_retries=0)
    with pytest.raises(ModeError, match="network connection was asked for on the virtual clock"):
        run(client.messages.create(**request("hi")["body"]))


def test_a_key_in_an_address_is_hidden():
    asked = httpx2.Request("GET", "https://gw/v1/proxy/v1/models?api_key=sk-secret&limit=3")
    assert request_of(asked)["path"] == "/v1/models?api_key=hidden&limit=3"


@pytest.mark.parametrize("space", ["+", "%20"])
def test_a_space_in_an_address_is_kept_alike_from_every_sdk(space):
    asked = httpx2.Request("GET", f"https://gw/v1/models?name=a{space}b%2Bc")
    assert request_of(asked)["path"] == "/v1/models?name=a+b%2Bc"


@pytest.mark.parametrize("value", ["1", "true", "yes"])
def test_strict_can_be_said_in_several_ways(recording, monkeypatch, value):
    monkeypatch.setenv("MAS_STRICT", value)
    with pytest.raises(MissingRecording):
        run(worker(connect(**recording(said("hi", "hello")))).run("ho"))


def test_a_long_prompt_does_not_make_a_miss_slow(recording):
    long = " ".join(f"word{i % 997}" for i in range(20_000))
    client = connect(**recording(said(long, "hello")), strict=True)
    began = time.thread_time()  # not the clock: it goes on while others use the machine
    with pytest.raises(MissingRecording):
        run(worker(client).run(long.replace("word500", "another", 1)))
    assert time.thread_time() - began < 3


class NoThreads(ThreadPoolExecutor):
    def submit(self, *args, **kwargs):
        raise AssertionError(
            "a call that waits for a thread arrives in the order in which threads end"
        )


def test_no_call_goes_through_a_thread_so_that_calls_arrive_in_their_order(recording):
    client = connect(**recording(*(said("vote", f"vote {k}") for k in range(40))), strict=True)
    clients = [client, *(client.with_options(timeout=60.0) for _ in range(39))]

    async def votes():
        asyncio.get_running_loop().set_default_executor(NoThreads())
        return await asyncio.gather(*(worker(one).run("vote") for one in clients))

    assert run(votes()) == [f"vote {k}" for k in range(40)]


def test_a_live_client_on_the_virtual_clock_is_told_so(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
    client = connect("x", mode="live", base_url="http://127.0.0.1:9", max_retries=0)
    with pytest.raises(ModeError, match="network connection was asked for on the virtual clock"):
        run(client.messages.create(**request("hi")["body"]), clock="virtual")


def test_what_is_played_is_told_to_a_callback_and_misses_are_not(recording, monkeypatch):
    indexes = []
    where = recording(said("hi", "hello"), said("vote", "first"), said("vote", "second"))
    monkeypatch.setenv("MAS_USED", str(where["folder"] / "used"))
    client = connect(**where, strict=True, on_play=indexes.append)
    for words in ("vote", "hi", "vote"):
        run(worker(client).run(words))
    with pytest.raises(MissingRecording):
        run(worker(client).run("something else"))
    assert indexes == [1, 0, 2]
    lines = (where["folder"] / "used").read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["desk\t1", "desk\t0", "desk\t2"]
    assert len(lines) == 4 and lines[3].startswith(
        "desk\tmissed\tAgent 'worker' on recording 'desk' asked something"
    )


def votes(client, times=1):
    async def ask():
        return [await worker(client).run("vote") for _ in range(times)]

    return ask()


def recorded_votes(recording, count):
    return recording(*(said("vote", f"vote {k}", 0.0) for k in range(count)))


def test_clients_of_one_recording_are_counted_together(recording):
    where = recorded_votes(recording, 6)

    async def one_client_per_agent():
        at_once = await asyncio.gather(*(votes(connect(**where, strict=True)) for _ in range(3)))
        in_turn = [await votes(connect(**where, strict=True)) for _ in range(2)]
        return sum([*at_once, *in_turn], [])

    assert run(one_client_per_agent()) == [f"vote {k}" for k in range(5)]
    assert run(votes(connect(**where, strict=True))) == ["vote 5"]  # also in another run


def test_sync_clients_that_are_made_in_threads_are_counted_together(recording):
    where = recorded_votes(recording, 8)

    def ask(_):
        client = connect(**where, strict=True, sync=True)
        return text_of(
            client.with_options(max_retries=0).messages.create(**request("vote")["body"])
        )

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(ask, range(8))) == [f"vote {k}" for k in range(8)]
    assert ask(8) == "vote 0"  # a second pass


def test_one_sync_client_that_asks_more_often_is_a_miss(recording):
    client = connect(**recorded_votes(recording, 1), strict=True, sync=True)
    client.messages.create(**request("vote")["body"])
    with pytest.raises(MissingRecording, match="asked the same thing 2 times"):
        client.messages.create(**request("vote")["body"])


def test_one_client_more_than_was_recorded_is_a_miss_within_a_run_and_a_new_pass_after_it(
    recording,
):
    where = recorded_votes(recording, 2)

    async def ask(clients):
        return sum([await votes(connect(**where, strict=True)) for _ in range(clients)], [])

    for _ in range(2):
        assert run(ask(2)) == ["vote 0", "vote 1"]
    with pytest.raises(MissingRecording, match="asked the same thing 3 times"):
        run(ask(3))


def test_clients_under_faults_are_counted_for_each_run(recording):
    where = recorded_votes(recording, 3)

    async def ask():
        clients = [connect(**where, faults=[Fault("slow", call=9)]) for _ in range(2)]
        return sum([await votes(client) for client in clients], [])

    assert [run(ask()) for _ in range(2)] == [["vote 0", "vote 1"]] * 2
    kept = connect(**where, faults=[Fault("slow", call=9)])
    assert [run(votes(kept)) for _ in range(2)] == [["vote 0"], ["vote 1"]]


def test_a_cell_that_makes_its_client_replays_the_same_each_time_it_is_run(recording, monkeypatch):
    where = recorded_votes(recording, 3)
    shell = types.SimpleNamespace(execution_count=1)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    first = connect(**where)
    assert run(votes(first)) == ["vote 0"]
    for shell.execution_count in (2, 3):  # one cell, run twice
        assert run(votes(connect(**where))) + run(votes(connect(**where))) == ["vote 0", "vote 1"]
    assert run(votes(first)) == ["vote 1"]  # it goes on, in whatever cell


def test_the_folder_that_is_given_comes_before_the_environments(recording, monkeypatch, tmp_path):
    where = recording(said("hi", "from the folder"))
    elsewhere = tmp_path / "elsewhere"
    Recording("desk", exchanges=[said("hi", "from the environment")]).save(elsewhere / "desk.yaml")
    monkeypatch.setenv("MAS_RECORDINGS", str(elsewhere))
    assert run(worker(connect(**where)).run("hi")) == "from the folder"
    assert run(worker(connect("desk")).run("hi")) == "from the environment"


@pytest.mark.parametrize(("timeout", "comes"), [(5.0, False), (5.001, True)])
def test_a_reply_that_comes_as_the_time_is_up_is_too_late(recording, timeout, comes):
    client = connect(**recording(said("hi", "hello", 5.0)), timeout=timeout, max_retries=0)
    with trace() as t:
        if comes:
            assert run(worker(client).run("hi")) == "hello"
        else:
            with pytest.raises(anthropic.APITimeoutError):
                run(worker(client).run("hi"))
    assert t.seconds == 5.0


def test_the_mode_and_strictness_that_are_given_come_before_the_environments(
    recording, monkeypatch
):
    monkeypatch.setenv("MAS_MODE", "live")
    monkeypatch.setenv("MAS_STRICT", "1")
    client = connect(**recording(said("hi", "hello")), mode="replay", strict=False)
    assert run(worker(client).run("hi there"), clock="virtual") == "hello"


def test_a_wait_that_the_api_gives_in_milliseconds_is_kept(recording):
    busy = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    failed = Exchange("worker", request("hi"), Reply(529, 1.0, {"retry-after-ms": "100"}, busy))
    client = connect(**recording(failed, said("hi", "hello", 2.0)))
    with trace() as t:
        run(worker(client).run("hi"))
    assert t.seconds == 1.0 + 0.1 + 2.0
