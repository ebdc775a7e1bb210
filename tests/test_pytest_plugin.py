"""The fixtures, as the tests of another project use them: rightly, wrongly, and not at all."""

import os
import socket
import subprocess
import sys
import tomllib

import anthropic
import pytest

import pytest_mas_helpers
from mas_helpers import HAIKU
from mas_helpers.bench.recordings import Exchange, Recording, Reply

pytest_plugins = ["pytester"]

HEAD = """
import asyncio, os, socket, sys
import anthropic, pytest
from mas_helpers import agent_span, fake_client
from mas_helpers.bench.faults import Fault

def ask(client, words, **more):
    messages = [{"role": "user", "content": words}]
    return client.messages.create(model="claude-haiku-5-5", max_tokens=9, messages=messages, **more)

async def both(client):
    replies = await asyncio.gather(ask(client, "one"), ask(client, "two"))
    return [reply.content[0].text for reply in replies]

async def named(client, name, words):
    with agent_span(name):
        return (await ask(client, words)).content[0].text
"""


def exchange(words, seconds):
    body = {"max_tokens": 9, "messages": [{"role": "user", "content": words}], "model": HAIKU}
    message = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": HAIKU,
        "stop_reason": "end_turn",
    }
    message |= {
        "content": [{"type": "text", "text": words.upper()}],
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    return Exchange(
        "",
        {"method": "POST", "path": "/v1/messages", "body": body},
        Reply(seconds=seconds, body=message),
    )


@pytest.fixture
def outcome(pytester, monkeypatch):
    """Runs a test file in a project that has the recordings `desk` (one, two) and `quick`; its
    outcomes and output.
    """
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in ("CI", "BUILD_NUMBER"):  # where they are set, pytest says each message twice
        monkeypatch.delenv(name, raising=False)
    exchanges = {
        "desk": [exchange("one", 2.0), exchange("two", 4.0)],
        "quick": [exchange("one", 0.0)],
    }
    for name, made in exchanges.items():
        Recording(name, exchanges=made).save(pytester.path / "recordings" / f"{name}.yaml")

    def run(code, *arguments, ini="", more=()):
        pytester.makeini("[pytest]\n" + ini)
        pytester.makepyfile(test_it=HEAD + code)
        # it runs in this process
        quiet = ("-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
        result = pytester.runpytest_inprocess(*plugins(*more), *quiet, *arguments)
        came = {} if arguments and arguments[0] in TALK else result.parseoutcomes()
        return came, result.stdout.str() + result.stderr.str()

    return run


TALK = ("--help", "--markers", "--fixtures")  # no tests are run


def plugins(*more):
    return [word for name in ("pytest_mas_helpers", *more) for word in ("-p", name)]


ONE = """
def test_it(recordings, virtual_time):
    virtual_time.run(ask(recordings("desk"), "one"))
"""
SWALLOWED = """
def test_it(recordings, virtual_time):
    async def careless(client):
        try:
            await ask(client, "three")
        except anthropic.AnthropicError:
            return "nobody is there"
    assert virtual_time.run(careless(recordings("desk"))) == "nobody is there"
"""


# recordings and virtual time


def test_a_recording_is_played_in_exactly_its_seconds(outcome):
    came, said = outcome("""
def test_it(recordings, virtual_time):
    assert virtual_time.run(both(recordings("desk"))) == ["ONE", "TWO"]
    assert virtual_time.seconds == virtual_time.trace.seconds == 4.0
    assert [(call.start, call.end) for call in virtual_time.calls] == [(0.0, 2.0), (0.0, 4.0)]
    assert 0 < virtual_time.cost_usd < 0.001
    assert [body["messages"][0]["content"] for body in recordings.sent] == ["one", "two"]
""")
    assert came == {"passed": 1}, said


def test_each_run_has_its_own_seconds_and_each_client_the_whole_recording(outcome):
    came, said = outcome("""
def test_it(recordings, virtual_time):
    for _ in range(2):
        virtual_time.run(ask(recordings("desk"), "one"))
        assert virtual_time.seconds == 2.0 and len(virtual_time.calls) == 1

def test_a_failed_run_has_its_seconds_too(virtual_time):
    async def late():
        async with asyncio.timeout(3.0):
            await asyncio.sleep(100)
    with pytest.raises(TimeoutError):
        virtual_time.run(late())
    assert virtual_time.seconds == 3.0
""")
    assert came == {"passed": 2}, said


def test_the_sync_client_and_options_of_the_client(outcome):
    came, said = outcome("""
def test_sync(recordings):
    client = recordings("quick", sync=True, max_retries=7)
    assert type(client) is anthropic.Anthropic and client.max_retries == 7
    assert ask(client, "one").content[0].text == "ONE"

def test_timeout(recordings, virtual_time):
    with pytest.raises(anthropic.APITimeoutError):
        virtual_time.run(ask(recordings("desk", timeout=3.0, max_retries=0), "two"))
    assert virtual_time.seconds == 3.0

def test_what_was_sent_stays_as_it_was(recordings):
    messages = [{"role": "user", "content": "one"}]
    client = recordings("quick", sync=True)
    client.messages.create(model="claude-haiku-5-5", max_tokens=9, messages=messages)
    messages[0]["content"] = "two"
    messages.append("more")
    assert recordings.sent[0]["messages"] == [{"role": "user", "content": "one"}]
""")
    assert came == {"passed": 3}, said


def test_nothing_recorded_says_where_and_how(outcome):
    came, said = outcome("def test_it(recordings):\n    recordings('desks')\n")
    assert came == {"failed": 1}
    assert (
        "There is no recording" in said
        and f"recordings{os.sep}desks.yaml. Recorded there: desk, quick." in said
    )
    assert 'MAS_MODE=record python -m pytest "test_it.py::test_it"' in said


def test_an_async_test_of_another_plugin_awaits_the_client_and_is_told_about_run(outcome):
    came, said = outcome(
        """
pytestmark = pytest.mark.anyio

@pytest.fixture
def anyio_backend():
    return "asyncio"

async def test_it(recordings):
    assert (await ask(recordings("quick"), "one")).content[0].text == "ONE"

async def test_run(virtual_time):
    with pytest.raises(RuntimeError, match="make the test a plain `def`"):
        virtual_time.run(asyncio.sleep(1))
""",
        more=["anyio.pytest_plugin"],
    )
    assert came == {"passed": 2}, said


def test_virtual_time_before_any_run(outcome):
    came, said = outcome("def test_it(virtual_time):\n    virtual_time.seconds\n")
    assert came == {"failed": 1} and "Nothing has run yet: virtual_time.run(main()) first." in said


# strictness


STRICTNESS = [
    ("", "", True),
    ("mas_strict = false", "", False),
    ("", "@pytest.mark.recordings(strict=False)", False),
    ("mas_strict = false", "@pytest.mark.recordings(strict=True)", True),
]


@pytest.mark.parametrize(("ini", "mark", "strict"), STRICTNESS)
def test_a_request_that_was_never_recorded(outcome, ini, mark, strict):
    test = "def test_it(recordings, virtual_time):\n"
    code = f"{mark}\n{test}    virtual_time.run(ask(recordings('desk'), 'three'))\n"
    came, said = outcome(code, "--strict-markers", "--strict-config", "-s", ini=ini)
    assert came == ({"failed": 1} if strict else {"passed": 1}), said
    assert ("MissingRecording" in said, "it is not an answer to your words" in said) == (
        strict,
        not strict,
    )
    assert ('MAS_MODE=record python -m pytest "test_it.py::test_it' in said) is strict


def test_code_that_goes_on_without_a_recording_fails_its_test(outcome):
    came, said = outcome(SWALLOWED)
    assert came == {"failed": 1}
    assert (
        "The code went on, but what it asked was never recorded." in said
        and "yours:    three" in said
    )
    assert 'MAS_MODE=record python -m pytest "test_it.py::test_it"' in said


def test_where_the_nearest_reply_is_wanted_a_wrong_form_is_for_the_code_to_meet(outcome):
    code = SWALLOWED.replace('"three"', '"one", tools=[{"name": "other"}]')
    came, said = outcome("@pytest.mark.recordings(strict=False)" + code)
    assert came == {"passed": 1}, said


def test_a_failure_shows_what_was_missed(outcome):
    came, said = outcome(SWALLOWED.replace('== "nobody is there"', '== "THREE"'))
    assert (
        came == {"failed": 1}
        and "requests that were never recorded" in said
        and "yours:    three" in said
    )


def test_a_reply_asked_for_once_too_often_is_missed_too(outcome):
    came, said = outcome("""
def test_it(recordings, virtual_time):
    async def twice(client):
        return await asyncio.gather(ask(client, "one"), ask(client, "one"), return_exceptions=True)
    virtual_time.run(twice(recordings("desk")))
""")
    assert came == {"failed": 1} and "asked the same thing 2 times" in said


ALL_PLAYED = [
    ("", "", True),
    ("", "@pytest.mark.recordings(all_played=True)", False),
    ("mas_all_played = true", "", False),
    ("mas_all_played = true", "@pytest.mark.recordings(all_played=False)", True),
    ("mas_all_played = true\nmas_strict = false", "", True),
]


@pytest.mark.parametrize(("ini", "mark", "passes"), ALL_PLAYED)
def test_replies_that_a_test_did_not_play(outcome, ini, mark, passes):
    came, said = outcome(mark + ONE, ini=ini)
    assert came == ({"passed": 1} if passes else {"failed": 1}), said
    assert ("desk.yaml, reply 2, to a request that ends in 'two'" in said) is not passes


def test_replies_are_not_missed_where_they_were_played_or_something_else_failed(outcome):
    came, said = outcome(
        """
def test_two_clients_of_one_recording(recordings, virtual_time):
    virtual_time.run(ask(recordings("desk"), "one"))
    virtual_time.run(ask(recordings("desk"), "two"))

def test_with_a_fault_nobody_knows_how_far_it_comes(recordings, faults, virtual_time):
    faults.append(Fault("reset"))
    with pytest.raises(anthropic.APIConnectionError):
        virtual_time.run(ask(recordings("desk"), "one"))

def test_that_fails(recordings, virtual_time):
    virtual_time.run(ask(recordings("desk"), "one"))
    assert False, "for a reason of its own"

@pytest.mark.recordings(all_played=False)
class TestGroup:
    def test_the_mark_of_a_class(self, recordings, virtual_time):
        virtual_time.run(ask(recordings("desk"), "one"))

    @pytest.mark.recordings(all_played=True)
    def test_the_nearest_mark_decides(self, recordings, virtual_time):
        virtual_time.run(ask(recordings("desk"), "one"))
""",
        ini="mas_all_played = true",
    )
    assert came == {"passed": 3, "failed": 2}
    assert (
        "for a reason of its own" in said and said.count("did not play these recorded replies") == 1
    )


@pytest.mark.parametrize("given", ["False", "stritc=False", "strict=True, foo=1"])
def test_a_marker_with_something_else_is_told_so(outcome, given):
    came, said = outcome(f"@pytest.mark.recordings({given})" + ONE)
    assert (
        came == {"errors": 1} and "@pytest.mark.recordings takes strict= and all_played=." in said
    )


# faults


def test_faults_by_call_by_agent_and_by_time(outcome):
    came, said = outcome("""
def test_by_call(recordings, faults, virtual_time):
    faults.append(Fault("overloaded", call=2, attempts=1))
    assert virtual_time.run(both(recordings("desk"))) == ["ONE", "TWO"]
    assert virtual_time.seconds == 4.0 + 0.1 + 0.5
    assert len(recordings.sent) == 2  # a retry is no other call

def test_by_agent_and_after_the_client_was_made(recordings, faults, virtual_time):
    client = recordings("desk")
    faults.append(Fault("reset", agent="worker"))
    assert virtual_time.run(named(client, "other", "one")) == "ONE"
    with pytest.raises(anthropic.APIConnectionError):
        virtual_time.run(named(client, "worker", "two"))

def test_by_time(recordings, faults, virtual_time):
    faults.append(Fault("reset", between=(2.0, 9.0)))
    async def line(client):
        await ask(client, "one")
        await ask(client, "two")
    with pytest.raises(anthropic.APIConnectionError):
        virtual_time.run(line(recordings("desk")))

def test_a_function_as_the_model(faults, virtual_time):
    client = fake_client(lambda body: "fine", faults=faults)
    faults.append(Fault("slow", seconds=7.0))
    virtual_time.run(ask(client, "anything"))
    assert virtual_time.seconds == 7.0
""")
    assert came == {"passed": 4}, said


def test_drawn_faults_are_the_same_each_time(outcome):
    came, said = outcome("""
@pytest.mark.parametrize("time", range(2))
def test_it(time, recordings, faults, virtual_time):
    faults.draw(4, overloaded=0.7)
    virtual_time.run(both(recordings("desk", max_retries=9)))
    assert virtual_time.seconds > 4.0
    print("took", virtual_time.seconds)
""", "-s")  # fmt: skip
    assert came == {"passed": 2}, said
    assert len({line.partition("took")[2] for line in said.splitlines() if "took" in line}) == 1, (
        said
    )


def test_a_fault_that_hits_nothing_fails_its_test(outcome):
    came, said = outcome("""
def test_it(recordings, faults, virtual_time):
    faults.append(Fault("refused", agent="wroker"))
    virtual_time.run(named(recordings("desk"), "worker", "one"))
    virtual_time.run(ask(recordings("desk"), "two"))
""")
    assert came == {"failed": 1}
    assert (
        "wroker hit no call" in said
        and "There were: worker 1 at 0 s, without an agent 1 at 0 s." in said
    )
    assert "agent_span" in said


def test_what_is_no_fault_is_refused(outcome):
    came, said = outcome("""
def test_kind(faults):
    faults.append("overloaded")

def test_rate(faults):
    faults.draw(1, explode=0.5)
""")
    assert came == {"failed": 2}
    assert "faults.append('overloaded'): write faults.append(Fault('overloaded', call=2))" in said
    assert "explode: no kind of fault" in said


# sockets and keys


def test_a_socket_is_an_error_that_says_what_was_called_and_how_to_allow_it(outcome):
    came, said = outcome("""
def test_connect(blocked_sockets):
    words = r"socket.connect\\(\\('127.0.0.1', 9\\)\\) .*allow\\('127.0.0.1'\\)"
    with pytest.raises(RuntimeError, match=words):
        socket.create_connection(("127.0.0.1", 9))
    with pytest.raises(RuntimeError, match="socket.sendto"):
        socket.socket(type=socket.SOCK_DGRAM).sendto(b"", ("127.0.0.1", 9))

@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="Windows")
def test_a_path(blocked_sockets):
    with pytest.raises(RuntimeError, match="mas_allowed_sockets = /tmp/none in the settings"):
        socket.socket(socket.AF_UNIX).connect("/tmp/none")

def test_a_client_of_its_own_hears_it_too(blocked_sockets):
    client = anthropic.Anthropic(api_key="x", base_url="http://127.0.0.1:9")
    with pytest.raises(anthropic.AnthropicError, match="blocked_sockets"):
        ask(client, "one")

def test_caught_by_the_code_it_stands_in_the_report(blocked_sockets):
    try:
        socket.create_connection(("127.0.0.1", 9))
    except RuntimeError:
        pass
    assert not "the answer"
""")
    assert came == {"passed": 3, "failed": 1}, said
    assert "sockets that were blocked" in said


def test_what_is_allowed_and_what_needs_no_leave(outcome):
    came, said = outcome("""
def test_event_loops_and_recordings(blocked_sockets, recordings, virtual_time):
    asyncio.run(asyncio.sleep(0))
    left, right = socket.socketpair()
    with left, right:
        left.send(b"x")
    assert virtual_time.run(both(recordings("desk"))) == ["ONE", "TWO"]

def test_the_pair_of_an_event_loop_on_windows(blocked_sockets):
    scope = {"__name__": "socket", "socket": socket}
    code = "def socketpair():\\n with socket.socket() as end:\\n  end.connect(('127.0.0.1', 9))"
    exec(code, scope)
    with pytest.raises(ConnectionRefusedError):
        scope["socketpair"]()

def test_by_the_fixture(blocked_sockets):
    blocked_sockets.allow("127.0.0.*")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 9))

def test_without_the_fixture():
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 9))
""")
    assert came == {"passed": 4}, said
    came, said = outcome("""
def test_by_the_settings(blocked_sockets):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 9))
""", ini="mas_allowed_sockets =\n  db.example\n  127.0.0.1")  # fmt: skip
    assert came == {"passed": 1}, said


def test_a_blocked_socket_can_be_caught_by_its_own_class(outcome):
    came, said = outcome("""
from pytest_mas_helpers import SocketBlocked

def test_plain(blocked_sockets):
    with pytest.raises(SocketBlocked) as caught:
        socket.create_connection(("127.0.0.1", 9))
    assert isinstance(caught.value, anthropic.AnthropicError)
    assert type(caught.value).__name__ == "SocketBlocked"

def test_below_the_sdk_it_is_neither_wrapped_nor_retried(blocked_sockets):
    client = anthropic.Anthropic(api_key="x", base_url="http://127.0.0.1:9")
    with pytest.raises(SocketBlocked):
        ask(client, "one")
    assert len(blocked_sockets.refused) == 1
""")
    assert came == {"passed": 2}, said


def test_without_the_sdk_a_blocked_socket_is_a_plain_error_of_that_class():
    assert pytest_mas_helpers._error_class(False) is pytest_mas_helpers.SocketBlocked
    assert issubclass(pytest_mas_helpers._error_class(True), anthropic.AnthropicError)


def test_a_setting_blocks_the_sockets_of_every_test(outcome):
    came, said = outcome(
        """
import unittest

def test_plain():
    with pytest.raises(RuntimeError, match="blocked_sockets"):
        socket.create_connection(("127.0.0.1", 9))

class Old(unittest.TestCase):
    def test_old(self):
        with self.assertRaisesRegex(RuntimeError, "blocked_sockets"):
            socket.create_connection(("127.0.0.1", 9))
""",
        ini="mas_blocked_sockets = true",
    )
    assert came == {"passed": 2}, said


@pytest.mark.parametrize("host", ["api.anthropic.com", b"example.org"])
def test_a_name_is_not_even_looked_up(host, monkeypatch):
    guard = pytest_mas_helpers.BlockedSockets([])
    monkeypatch.setattr(pytest_mas_helpers, "_blocking", [guard])
    with pytest.raises(RuntimeError, match="socket.getaddrinfo"):
        pytest_mas_helpers._refuse("socket.getaddrinfo", (host, 443, 0, 0, 0))
    for here in (
        "localhost",
        "127.0.0.1",
        "::1",
        "fe80::1%eth0",
        None,
        "",
    ):  # nothing leaves the machine for these
        pytest_mas_helpers._refuse("socket.getaddrinfo", (here, 443, 0, 0, 0))


def test_no_key_is_left_in_replay(outcome, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "secret")
    monkeypatch.setenv("ANTHROPIC_LOG", "info")
    came, said = outcome("""
KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")

def test_with_recordings(recordings):
    assert not any(key in os.environ for key in KEYS) and os.environ["ANTHROPIC_LOG"] == "info"

def test_with_blocked_sockets(blocked_sockets):
    assert not any(key in os.environ for key in KEYS)

def test_afterwards():
    assert all(key in os.environ for key in KEYS)
""")
    assert came == {"passed": 3}, said


# recording


RECORDED = """
def test_it(recordings, virtual_time, blocked_sockets):
    hello = {"max_tokens": 900, "messages": [{"role": "user", "content": "hello"}]}
    reply = virtual_time.run(recordings("new").messages.create(model="claude-haiku-5-5", **hello))
    assert reply.content[-1].text == "Hello."
    assert virtual_time.seconds == 0.3
"""


def test_record_then_replay(outcome, pytester, monkeypatch, stand_in):
    entries = [{"when": {"user": "hello"}, "replies": [{"text": "Hello.", "seconds": 0.3}]}]
    monkeypatch.setenv("MAS_MODE", "record")
    with stand_in(entries=entries) as url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
        came, said = outcome(RECORDED, "-rs")
    assert came == {"skipped": 1}, said  # for real seconds are never exactly those
    assert f"recorded: recordings{os.sep}new.yaml" in said and "judged in replay: assert 0." in said
    text = (pytester.path / "recordings" / "new.yaml").read_text(encoding="utf-8")
    assert "source: stand-in" in text and "secret" not in text
    monkeypatch.delenv("MAS_MODE")
    came, said = outcome(RECORDED)
    assert came == {"passed": 1} and "recorded:" not in said


def test_recording_without_a_key_or_in_several_processes_says_so(outcome, monkeypatch):
    monkeypatch.setenv("MAS_MODE", "record")
    assert "no key is set" in outcome(RECORDED)[1]
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    came, said = outcome(RECORDED)
    assert came == {"failed": 1} and "record with `-n 0`" in said and "recorded:" not in said


def test_a_recording_whose_test_met_an_error_is_not_written(
    outcome, pytester, monkeypatch, stand_in
):
    """A second try against an API that has run dry would put its errors in the place of good
    replies.
    """
    before = (pytester.path / "recordings" / "desk.yaml").read_bytes()
    monkeypatch.setenv("MAS_MODE", "record")
    with stand_in(entries=[{"when": {"user": "two"}, "replies": [{"text": "Two."}]}]) as url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
        came, said = outcome(ONE + ONE.replace("test_it", "test_fine").replace("one", "two"))
    assert came == {"failed": 1, "skipped": 1} and "BadRequestError" in said
    assert (
        "not recorded: " in said
        and (pytester.path / "recordings" / "desk.yaml").read_bytes() == before
    )


LOGGED = """
@pytest.fixture(scope="{scope}")
def app(recordings):
    return {{"client": recordings("desk", sync=True)}}

def test_first(app, recordings):
    assert ask(app["client"], "one").content[0].text == "ONE"
    assert len(recordings.sent) == 1

def test_second(app, recordings):
    assert ask(app["client"], "one").content[0].text == "ONE"
    assert ask(app["client"], "two").content[0].text == "TWO"
    assert len(recordings.sent) == 2

@pytest.mark.recordings(strict=False)
def test_third(app, capsys):
    assert ask(app["client"], "one, please").content[0].text == "ONE"

def test_fourth(app, faults):
    faults.append(Fault("refused", call=1))
    assert ask(app["client"], "one").stop_reason == "refusal"

def test_fifth(app):
    ask(app["client"], "something else")
"""


@pytest.mark.parametrize("scope", ["module", "session"])
def test_an_app_that_is_made_once_has_clients_that_belong_to_the_test_that_runs(outcome, scope):
    came, said = outcome(LOGGED.format(scope=scope))
    assert came == {"passed": 4, "failed": 1}, said
    assert "FAILED test_it.py::test_fifth" in said and "never recorded" in said
    came, said = outcome(LOGGED.format(scope=scope), ini="mas_all_played = true")
    assert said.count("  desk.yaml, reply") == 1, said  # of the first; the second played both


def test_the_folder_of_the_recordings_is_a_setting(outcome, pytester):
    (pytester.path / "recordings").rename(pytester.path / "kept here")
    came, said = outcome(ONE, ini="mas_recordings = kept here")
    assert came == {"passed": 1}, said


AGAIN = """
@pytest.fixture
def votes(recordings):
    return [ask(recordings("votes", sync=True), "vote").content[0].text for _ in range(2)]

@pytest.mark.parametrize("n", range(2))
def test_each_test_hears_the_replies_from_the_first_on(votes, n):
    assert votes == ["FIRST", "SECOND"]
"""


def test_replies_are_counted_for_each_test_over_its_clients(outcome, pytester):
    made = [exchange("vote", 0.0) for _ in range(3)]
    for one, text in zip(made, ["FIRST", "SECOND", "THIRD"], strict=True):
        one.reply.body["content"][0]["text"] = text
    Recording("votes", exchanges=made).save(pytester.path / "recordings" / "votes.yaml")
    for _ in range(2):  # the second time the tests have the same names, in the same process
        came, said = outcome(AGAIN)
        assert came == {"passed": 2}, said


MANY = """
@pytest.mark.parametrize("n", range(6))
def test_n(recordings, n):
    ask(recordings("many", sync=True), f"question {n}")
    BUG
"""


@pytest.fixture
def records(monkeypatch, stand_in):
    """Sets the mode and an API that has one reply for each question, and no second one."""
    entries = [
        {"when": {"user": f"question {n}"}, "replies": [{"text": f"Reply {n}.", "seconds": 0.0}]}
        for n in range(6)
    ]
    monkeypatch.setenv("MAS_MODE", "record")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    with stand_in(entries=entries) as url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        yield


@pytest.mark.parametrize("bug", ["[0][n == 3]", "n == 3 and pytest.exit('stopped')"])
def test_what_was_paid_is_taken_up_after_a_bug_or_an_interrupt(
    bug, outcome, pytester, monkeypatch, records
):
    folder = pytester.path / "recordings"
    said = outcome(MANY.replace("BUG", bug))[1]
    assert not (folder / "many.yaml").exists() and "not recorded: " in said
    assert "what was paid for is in many.yaml.part" in said
    came, said = outcome(MANY.replace("BUG", ""))
    assert came == {"skipped": 6}, said  # a second reply to a question is an error of the stand-in
    assert "replies of one that was broken off taken up" in said
    assert not (folder / "many.yaml.part").exists()
    monkeypatch.delenv("MAS_MODE")
    assert outcome(MANY.replace("BUG", ""))[0] == {"passed": 6}


def test_what_stays_in_a_recording_though_it_was_not_asked_is_said(outcome, records):
    outcome(MANY.replace("BUG", ""))
    said = outcome(MANY.replace("BUG", "").replace("question {n}", "question 0 {n}"))[1]
    assert "not recorded" in said or "6 replies in it that no test asked this time" in said


def test_a_recording_that_cannot_be_written_is_said_and_the_others_are_written(
    outcome, pytester, records
):
    (pytester.path / "recordings" / "file").touch()
    came, said = outcome("""
def test_bad(recordings):
    ask(recordings("file/new", sync=True), "question 1")

def test_good(recordings):
    ask(recordings("good", sync=True), "question 0")
""")
    assert came == {"failed": 1, "skipped": 1} and "INTERNALERROR" not in said, said
    assert "can't be written, so nothing is asked" in said
    assert f"recorded: recordings{os.sep}good.yaml" in said
    assert f"not recorded: recordings{os.sep}file{os.sep}new.yaml, for nothing was asked" in said


def test_a_secret_fails_the_session_that_records_it(outcome, pytester, records):
    came, said = outcome("""
def test_it(recordings):
    try:
        ask(recordings("new", sync=True), "my key: ghp_" + "a1B2c3D4e5" * 3)
    except anthropic.AnthropicError:
        pass
    ask(recordings("new", sync=True), "question 0")
""")
    assert came == {"skipped": 1}, said
    text = (pytester.path / "recordings" / "new.yaml").read_text(encoding="utf-8")
    assert "ghp_" not in text and "question 0" in text


# a suite that does not use it


def test_a_suite_without_it_does_not_notice(pytester):
    pytester.makeini("[pytest]\naddopts = --strict-markers --strict-config\nfilterwarnings = error")
    pytester.makeconftest(
        "import pytest\n\n@pytest.fixture\ndef recordings():\n    return 'our own'\n"
    )
    pytester.makepyfile("""
        import os, socket, sys

        def test_nothing_of_it_is_loaded():
            assert not {"anthropic", "mas_helpers", "opentelemetry", "asyncio"} & set(sys.modules)

        def test_its_own_fixture_of_that_name(recordings):
            assert recordings == "our own"

        def test_sockets_and_keys_are_as_they_were():
            assert os.environ["ANTHROPIC_API_KEY"] == "k"
            server = socket.create_server(("127.0.0.1", 0))
            with server, socket.create_connection(server.getsockname()):
                pass
    """)
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    clean |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "ANTHROPIC_API_KEY": "k"}
    command = [sys.executable, "-m", "pytest", *plugins(), "-q"]
    done = subprocess.run(
        command, cwd=pytester.path, env=clean, capture_output=True, text=True, timeout=600
    )
    assert "3 passed" in done.stdout and done.returncode == 0, done.stdout + done.stderr


def test_help_and_markers_tell_of_it(outcome):
    said = outcome("", "--help")[1]
    for setting in ("mas_strict", "mas_all_played", "mas_blocked_sockets", "mas_allowed_sockets"):
        (line,) = [place for place in said.splitlines() if place.strip().startswith(setting)]
    assert "@pytest.mark.recordings(strict=True, all_played=False)" in outcome("", "--markers")[1]
    said = outcome("", "--fixtures")[1]
    said = said.replace(" [session scope]", "")
    assert all(
        f"\n{name} -- " in said
        for name in ("recordings", "faults", "virtual_time", "blocked_sockets")
    )


def test_pytest_finds_it_by_its_entry_point_and_the_wheel_has_it(home):
    """The name is the module's, so that `-p pytest_mas_helpers` beside the entry point does not
    load it twice.
    """
    settings = tomllib.loads((home / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["project"]["entry-points"]["pytest11"] == {
        "pytest_mas_helpers": "pytest_mas_helpers"
    }
    assert (
        "pytest_mas_helpers.py"
        in settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    )


def test_sockets_are_not_watched_for_the_tests_of_this_project():
    assert pytest_mas_helpers._blocking == []
    socket.socket().close()
