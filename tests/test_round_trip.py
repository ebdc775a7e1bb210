"""Record over a real loopback socket, replay, and compare: result, usage and seconds, for every
kind of call.
"""

import asyncio
import contextlib
from typing import Literal

import anthropic
import pytest
from pydantic import BaseModel

from mas_helpers import HAIKU, connect, run, text_of, trace
from mas_helpers.bench import MissingKey, recordings
from mas_helpers.bench.recordings import Exchange, Recording, Reply
from mas_helpers.bench.transports import streams
from mas_helpers.bench.transports.network import new_pool
from mas_helpers.bench.transports.record import abandon_all, finish_all
from mas_stand_in import serving


class Verdict(BaseModel):
    label: Literal["ship", "fix"]
    score: int


TOOL = {
    "name": "clock",
    "description": "The time.",
    "input_schema": {"type": "object", "properties": {}},
}
CALL = {"tool_use": {"name": "clock", "input": {}}}
WRONG = {"type": "invalid_request_error", "message": "no"}
ENTRIES = [
    {"when": {"user": "plain"}, "replies": [{"text": "Two\nlines.", "seconds": 0.3}]},
    {"when": {"user": "typed"},
     "replies": [{"json": {"label": "ship", "score": 7}, "seconds": 0.2}]},
    {"when": {"user": "tool", "turns": 1}, "replies": [{"content": [CALL], "seconds": 0.2}]},
    {"when": {"turns": 3}, "replies": [{"text": "It is noon.", "seconds": 0.2}]},
    {"when": {"user": "stream"}, "replies": [{"text": "one two three " * 20, "seconds": 0.5}]},
    {"when": {"user": "vote"},
     "replies": [{"text": f"vote {k}", "seconds": 0.5 - k / 10} for k in range(5)]},
    {"when": {"user": "slow"}, "replies": [{"text": "late", "seconds": 0.6}] * 2},
    {"when": {"user": "bad"}, "replies": [{"status": 400, "error": WRONG}]},
]  # fmt: skip


def ask(words, **more):
    return {
        "model": HAIKU,
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": words}],
        **more,
    }


def essence(message):
    return message.to_dict(), message.usage.model_dump(), message.stop_reason


async def every_kind(client):
    """One result for each kind of call, comparable with ==."""
    results = [essence(await client.messages.create(**ask("plain")))]
    typed = await client.messages.parse(**ask("typed"), output_format=Verdict)
    results.append((typed.parsed_output, typed.usage))
    first = await client.messages.create(**ask("tool", tools=[TOOL]))
    block = first.content[-1]
    results.append((block.name, first.stop_reason))
    answered = {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": block.id, "content": "12:00"}],
    }
    turns = [*ask("tool")["messages"], first.to_param(), answered]
    results.append(
        essence(await client.messages.create(**ask("tool") | {"messages": turns, "tools": [TOOL]}))
    )
    async with client.messages.stream(**ask("stream")) as stream:
        results.append(
            (
                "".join([text async for text in stream.text_stream]),
                essence(await stream.get_final_message()),
            )
        )
    votes = await asyncio.gather(*(client.messages.create(**ask("vote")) for _ in range(5)))
    results.append([text_of(vote) for vote in votes])
    try:
        async with asyncio.timeout(0.3):
            await client.messages.create(**ask("slow"))
    except TimeoutError:
        results.append("gave up")
    try:
        await client.with_options(timeout=0.4, max_retries=0).messages.create(**ask("slow"))
    except anthropic.APITimeoutError:
        results.append("timed out")
    try:
        await client.messages.create(**ask("bad"))
    except anthropic.BadRequestError as error:
        results.append((error.type, error.request_id))
    return results


def every_kind_sync(client):
    results = [essence(client.messages.create(**ask("plain")))]
    typed = client.messages.parse(**ask("typed"), output_format=Verdict)
    results.append((typed.parsed_output, typed.usage))
    with client.messages.stream(**ask("stream")) as stream:
        results.append(("".join(stream.text_stream), essence(stream.get_final_message())))
    return results


def test_the_async_client_replays_what_it_recorded(stand_in, tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-never-to-be-written")
    with stand_in(entries=ENTRIES) as url, trace() as live:
        recorded = run(every_kind(connect("kinds", mode="record", folder=tmp_path, base_url=url)))
        finish_all()
    with trace() as again:
        replayed = run(every_kind(connect("kinds", mode="replay", folder=tmp_path, strict=True)))
    assert replayed == recorded
    assert recorded[-4:-1] == [[f"vote {k}" for k in range(5)], "gave up", "timed out"] or sorted(
        recorded[-4]
    ) == [f"vote {k}" for k in range(5)]
    meant = 0.3 + 0.2 + 0.2 + 0.2 + 0.5 + 0.5 + 0.3 + 0.4
    # a busy machine adds to what it was meant to take
    assert meant - 0.15 < again.seconds < live.seconds + 0.15
    assert [call.seconds for call in again.calls[:3]] == [0.3, 0.2, 0.2]
    for before, after in zip(live.calls, again.calls, strict=True):
        assert after.seconds < before.seconds + 0.15
        assert (after.input_tokens, after.output_tokens) == (
            before.input_tokens,
            before.output_tokens,
        )


def test_the_sync_client_replays_what_it_recorded(stand_in, tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-never-to-be-written")
    with stand_in(entries=ENTRIES) as url:
        with connect("kinds", mode="record", folder=tmp_path, base_url=url, sync=True) as client:
            recorded = every_kind_sync(client)
        finish_all()
    with connect("kinds", mode="replay", folder=tmp_path, strict=True, sync=True) as client:
        assert every_kind_sync(client) == recorded


def test_no_key_and_no_request_header_reaches_the_file(stand_in, tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-never-to-be-written")
    with stand_in(entries=ENTRIES) as url:
        client = connect(
            "kinds",
            mode="record",
            folder=tmp_path,
            base_url=url,
            default_headers={"x-secret": "hush"},
        )
        run(client.messages.create(**ask("plain")))
        part = (tmp_path / "kinds.yaml.part").read_text(encoding="utf-8")
        finish_all()
    written = (tmp_path / "kinds.yaml").read_text(encoding="utf-8")
    for text in (part, written):
        assert "Two" in text
        assert not any(
            secret in text for secret in ("sk-ant", "hush", "uthorization", "Bearer", "user-agent")
        )
    assert "source: stand-in\n" in written


def test_what_was_not_asked_again_stays_in_the_file(stand_in, tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
    for words in ("plain", "typed words"):
        with stand_in(entries=[{"replies": [{"text": words, "seconds": 0.0}]}]) as url:
            run(
                connect("x", mode="record", folder=tmp_path, base_url=url).messages.create(
                    **ask(words)
                )
            )
            finish_all()
    kept = recordings.load(tmp_path / "x.yaml").exchanges
    assert [e.request["body"]["messages"][0]["content"] for e in kept] == ["typed words", "plain"]


def test_live_mode_asks_and_writes_nothing_and_one_client_serves_many_runs(
    stand_in, tmp_path, monkeypatch
):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
    monkeypatch.chdir(tmp_path)
    with stand_in(entries=[{"replies": [{"text": "hi", "seconds": 0.0}] * 4}]) as url:
        client = connect("x", mode="live", base_url=url, max_retries=0)
        assert [text_of(run(client.messages.create(**ask("hello")))) for _ in range(4)] == [
            "hi"
        ] * 4
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(params=["over aiohttp", "over httpx2"])
def pool(request, monkeypatch):
    """Which of the SDK's two connection pools live calls go through."""
    if request.param == "over httpx2":
        monkeypatch.setattr(anthropic, "DefaultAioHttpClient", aiohttp_is_missing)
    assert type(new_pool()).__module__.startswith("anthropic")
    assert isinstance(new_pool(), anthropic.DefaultAsyncHttpxClient) == (
        request.param == "over httpx2"
    )


def aiohttp_is_missing():
    raise RuntimeError("To use the aiohttp client you must have installed the package with …")


def test_live_gives_the_same_over_both_pools_in_every_kind_of_call(pool, stand_in, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")

    async def without_us(url):
        async with anthropic.AsyncAnthropic(base_url=url) as client:
            return in_any_order(await every_kind(client))

    def in_any_order(results):  # which of five votes at once arrives first, nobody knows
        return [sorted(one) if "vote 0" in one else one for one in results]

    with stand_in(entries=ENTRIES) as url:
        ours = in_any_order(run(every_kind(connect("x", mode="live", base_url=url))))
    with stand_in(entries=ENTRIES) as url:
        assert run(without_us(url), clock="real") == ours


def test_a_silent_api_a_cancelled_call_and_a_dead_one_are_the_sdks_own_errors_over_both_pools(
    pool, stand_in, monkeypatch
):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")

    async def give_up(client):
        async with asyncio.timeout(0.2):
            await client.messages.create(**ask("slow"))

    with stand_in(entries=ENTRIES) as url:
        client = connect("x", mode="live", base_url=url, max_retries=0)
        with pytest.raises(anthropic.APITimeoutError):
            run(client.with_options(timeout=0.2).messages.create(**ask("slow")))
        with pytest.raises(TimeoutError):
            run(give_up(client))
        assert text_of(run(client.messages.create(**ask("plain")))) == "Two\nlines."
    with pytest.raises(anthropic.APIConnectionError):
        run(client.messages.create(**ask("plain")))


@pytest.mark.parametrize("mode", ["live", "record"])
@pytest.mark.parametrize("sync", [True, False])
def test_without_a_key_the_way_to_one_is_said(mode, sync, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(MissingKey) as caught:
        connect("x", mode=mode, folder=tmp_path, sync=sync)
    assert (
        f"{mode} mode asks the API, and no key is set. "
        "Set the environment variable ANTHROPIC_API_KEY" in str(caught.value)
    )
    finish_all()


def test_a_wrong_key_and_an_unknown_model_give_the_apis_own_words(stand_in, tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "wrong-key")
    with stand_in(entries=ENTRIES) as url:
        client = connect("x", mode="live", base_url=url)
        with pytest.raises(anthropic.AuthenticationError) as caught:
            run(client.messages.create(**ask("plain")))
        assert caught.value.type == "authentication_error"
        right = connect("x", mode="live", base_url=url, api_key="any")
        with pytest.raises(anthropic.NotFoundError, match="claude-haiku-4"):
            run(right.messages.create(**ask("plain") | {"model": "claude-haiku-4"}))


def test_a_wrong_key_does_not_replace_good_replies(stand_in, tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
    with stand_in(entries=ENTRIES) as url:
        run(
            connect("x", mode="record", folder=tmp_path, base_url=url).messages.create(
                **ask("plain")
            )
        )
        finish_all()
        before = (tmp_path / "x.yaml").read_bytes()
        monkeypatch.setenv("ANTHROPIC_API_KEY", "wrong-key")
        with pytest.raises(anthropic.AuthenticationError):
            run(
                connect("x", mode="record", folder=tmp_path, base_url=url).messages.create(
                    **ask("plain")
                )
            )
        finish_all()
    assert (tmp_path / "x.yaml").read_bytes() == before


def test_an_error_replaces_no_good_reply(tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "placeholder")
    for replies in (
        [{"text": "good", "seconds": 0}],
        [{"status": 400, "error": {"type": "e", "message": "no"}}],
    ):
        with serving(entries=[{"replies": replies}]) as url:
            client = connect(
                "kept", mode="record", folder=tmp_path, sync=True, base_url=url, max_retries=0
            )
            with contextlib.suppress(anthropic.APIError):
                client.messages.create(
                    model=HAIKU, max_tokens=1000, messages=[{"role": "user", "content": "?"}]
                )
            finish_all()
    client = connect("kept", mode="replay", folder=tmp_path, sync=True)
    reply = client.messages.create(
        model=HAIKU, max_tokens=1000, messages=[{"role": "user", "content": "?"}]
    )
    assert reply.content[-1].text == "good"


@pytest.mark.parametrize("status", [401, 403])
def test_what_a_key_may_not_do_is_not_recorded(status, stand_in, tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
    refusal = {"status": status, "error": {"type": "permission_error", "message": "no"}}
    with stand_in(entries=[{"replies": [refusal]}]) as url:
        client = connect("x", mode="record", folder=tmp_path, base_url=url, max_retries=0)
        with pytest.raises(anthropic.APIStatusError) as caught:
            run(client.messages.create(**ask("plain")))
        finish_all()
    assert caught.value.status_code == status
    assert not (tmp_path / "x.yaml").exists()


def test_a_file_of_two_sources_names_both(stand_in, tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
    request = {"method": "POST", "path": "/v1/messages", "body": ask("older")}
    older = Exchange("", request, Reply(200, 0.0, {}, {}))
    Recording("x", source="api.example", exchanges=[older]).save(tmp_path / "x.yaml")
    with stand_in(entries=ENTRIES) as url:
        client = connect("x", mode="record", folder=tmp_path, base_url=url)
        run(client.messages.create(**ask("plain")))
        finish_all()
    assert recordings.load(tmp_path / "x.yaml").source == "stand-in, api.example"


def test_what_comes_of_a_stream_in_one_tenth_of_a_second_is_one_event():
    events = []
    for at, data in [(0.5, b"a"), (0.5, b"b"), (0.5, b""), (0.6, b"c")]:
        streams._add_event(events, at, data)
    assert events == [{"at": 0.5, "data": "ab"}, {"at": 0.6, "data": "c"}]


def test_a_recorder_that_is_abandoned_writes_nothing_and_keeps_what_came(
    stand_in, tmp_path, monkeypatch
):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
    with stand_in(entries=ENTRIES) as url:
        client = connect("x", mode="record", folder=tmp_path, base_url=url)
        run(client.messages.create(**ask("plain")))
        assert abandon_all() == [tmp_path / "x.yaml.part"]
        assert finish_all() == []
    assert not (tmp_path / "x.yaml").exists()
    assert "Two" in (tmp_path / "x.yaml.part").read_text(encoding="utf-8")
