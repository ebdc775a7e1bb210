"""Recording meets what an API really sends, and what goes wrong on our own side: what was paid is
kept, nothing is asked twice, and live, record and replay give the same.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import anthropic
import httpx2
import programs
import pytest

from mas_helpers import HAIKU, connect, run
from mas_helpers.bench import RecordingError, recordings
from mas_helpers.bench.recordings import Recording
from mas_helpers.bench.transports import part
from mas_helpers.bench.transports.record import abandon_all, finish_all, recorder_of

MODES = ("live", "record", "replay")
RESET = "reset"


def message(text, **more):
    usage = {"input_tokens": 1, "output_tokens": 1}
    return {
        "id": f"msg_{text}", "type": "message", "role": "assistant", "model": HAIKU,
        "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
        "stop_sequence": None, "usage": usage, **more,
    }  # fmt: skip


def events(text, model=HAIKU, gap=b"\n"):
    begun = message("", model=model, content=[], stop_reason=None)
    block = {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text", "text": ""},
    }
    words = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}
        for word in text.split()
    ]
    end = {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn"},
        "usage": {"output_tokens": 1},
    }
    stop = {"type": "content_block_stop", "index": 0}
    sent = [{"type": "message_start", "message": begun}, block, *words, stop, end]
    sent.append({"type": "message_stop"})
    return [
        b"event: %s%sdata: %s%s%s"
        % (event["type"].encode(), gap, json.dumps(event).encode(), gap, gap)
        for event in sent
    ]


@contextlib.contextmanager
def api(answer):
    """A server whose answers are made by `answer(asked, path, body)`: `(status, headers, content)`,
    where content is bytes, JSON, or a list of pieces, numbers (a wait), and RESET. Gives its URL
    and the list of what was asked.
    """
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.append(body)
            status, headers, content = answer(len(asked) - 1, self.path, body)
            if content == RESET:
                return self.reset()
            pieces = content if isinstance(content, list) else [content]
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in pieces:
                if piece == RESET:
                    return self.reset()
                if isinstance(piece, float):
                    time.sleep(piece)
                else:
                    data = piece if isinstance(piece, bytes) else json.dumps(piece).encode()
                    self.wfile.write(data)
                    self.wfile.flush()

        do_POST = do_GET

        def reset(self):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            self.wfile = open(os.devnull, "wb")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def hello(words="hello", **more):
    messages = [{"role": "user", "content": words}]
    return {"model": HAIKU, "max_tokens": 9, "messages": messages, **more}


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key-for-tests-0123")
    yield
    abandon_all()


def in_each_mode(answer, ask, folder, **options):
    """What `ask(client)` gives live, while it is recorded, and in replay; and how often the API was
    asked each time.
    """
    results, counts = [], []
    for mode in MODES:
        with api(answer) as (url, asked):
            client = connect(
                "x", mode=mode, folder=folder, base_url=url, sync=True, strict=True, **options
            )
            try:
                results.append(ask(client))
            except (anthropic.AnthropicError, httpx2.HTTPError) as error:
                results.append((type(error), getattr(error, "status_code", None)))
            counts.append(len(asked))
        if mode == "record":
            finish_all()
    return results, counts


def recording_client(folder, url, **options):
    return connect("x", mode="record", folder=folder, base_url=url, sync=True, **options)


def said(client, words="hello", **more):
    return client.messages.create(**hello(words, **more)).content[0].text


# what an API sends


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (bytes(range(256)) * 4, "application/pdf"),
        (b'{ "their": 1.50,\n "own": "file" }\n', "application/json"),
        ("Grüße\r\n".encode(), "text/plain"),
        (b"12\n", "text/csv"),
    ],
)
def test_a_file_comes_byte_for_byte(content, kind, tmp_path):
    results, counts = in_each_mode(
        lambda *_: (
            200,
            {"content-type": kind, "content-disposition": 'inline; filename="a"'},
            content,
        ),
        lambda client: client.beta.files.download("file_1").read(),
        tmp_path,
    )
    assert results == [content] * 3 and counts == [1, 1, 0]


def test_an_upload_is_found_again_and_another_file_is_not(tmp_path):
    uploaded = {
        "id": "file_1", "type": "file", "filename": "x.bin", "mime_type": "a/b", "size_bytes": 9,
        "created_at": "2026-11-27T00:00:00Z",
    }  # fmt: skip

    def upload(client, content=b"%PDF \xff\x00"):
        return client.beta.files.upload(file=("x.pdf", content, "application/pdf")).filename

    results, counts = in_each_mode(lambda *_: (200, {}, uploaded), upload, tmp_path)
    assert results == ["x.bin"] * 3 and counts == [1, 1, 0]
    with pytest.raises(anthropic.AnthropicError, match="never recorded"):
        upload(connect("x", folder=tmp_path, strict=True, sync=True), b"%PDF \xff\x01")


@pytest.mark.parametrize("gap", [b"\n", b"\r\n", b"\r"])
def test_a_stream_keeps_its_times_whatever_ends_its_lines(gap, tmp_path):
    pieces = [piece for event in events("one two three", gap=gap) for piece in (event, 0.2)]

    def texts(client):
        began = time.monotonic()
        with client.messages.stream(**hello()) as stream:
            return [(text, round(time.monotonic() - began)) for text in stream.text_stream]

    (_, recorded, replayed), _ = in_each_mode(
        lambda *_: (200, {"content-type": "text/event-stream"}, pieces), texts, tmp_path
    )
    assert [text for text, _ in replayed] == ["one", "two", "three"]
    ats = [event["at"] for event in recordings.load(tmp_path / "x.yaml").exchanges[0].reply.events]
    assert len(ats) >= 5 and ats[-1] - ats[0] >= 1.0
    assert recorded[-1][0] == "three"


@pytest.mark.parametrize(
    ("status", "header", "asked"), [(529, "false", 1), (400, "true", 2)], ids=["no", "yes"]
)
def test_the_api_says_whether_to_ask_again(status, header, asked, tmp_path):
    def answer(k, *_):
        error = {"type": "error", "error": {"type": "e", "message": "no"}}
        headers = {"x-should-retry": header, "retry-after-ms": "20"}
        return (status, headers, error) if k == 0 else (200, {}, message("again"))

    results, counts = in_each_mode(answer, said, tmp_path)
    assert results[0] == results[1] == results[2] and counts == [asked, asked, 0]
    assert (results[0] == "again") == (asked == 2)


def test_headers_that_code_steers_by_are_kept_and_those_that_name_somebody_are_not(tmp_path):
    steer = {
        "anthropic-ratelimit-requests-remaining": "49",
        "x-ratelimit-reset": "3",
        "retry-after": "2",
        "request-id": "req_1",
        "sunset": "Sat, 31 Jan 2026",
    }
    name = {"anthropic-organization-id": "org-hush", "set-cookie": "sid=hush", "cf-ray": "hush"}

    def headers(client):
        response = client.messages.with_raw_response.create(**hello())
        return {key: response.headers.get(key) for key in steer}

    results, _ = in_each_mode(lambda *_: (200, steer | name, message("x")), headers, tmp_path)
    assert results == [steer] * 3
    assert "hush" not in (tmp_path / "x.yaml").read_text(encoding="utf-8")


def test_a_connection_that_is_reset_is_reset_in_replay(tmp_path):
    results, counts = in_each_mode(lambda *_: (200, {}, RESET), said, tmp_path, max_retries=1)
    assert results == [(anthropic.APIConnectionError, None)] * 3 and counts == [2, 2, 0]
    broken = [e.reply.broken for e in recordings.load(tmp_path / "x.yaml").exchanges]
    assert len(broken) == 2 and set(broken) <= {"ReadError", "RemoteProtocolError"}


def test_a_stream_that_breaks_breaks_at_the_same_place_with_the_same_error(tmp_path):
    pieces = [*events("one two three")[:4], b'data: {"half', 0.3, RESET]
    heard = []

    def texts(client):
        heard.append([])
        with client.messages.stream(**hello()) as stream:
            for text in stream.text_stream:
                heard[-1].append(text)

    results, counts = in_each_mode(
        lambda *_: (200, {"content-type": "text/event-stream"}, pieces), texts, tmp_path
    )
    assert results[0] == results[1] == results[2] != None and counts == [1, 1, 0]  # noqa: E711
    assert heard == [["one", "two"]] * 3
    events_kept = recordings.load(tmp_path / "x.yaml").exchanges[0].reply.events
    assert "broken" in events_kept[-1] and events_kept[-1]["at"] >= 0.3


def test_a_broken_reply_replaces_no_good_one(tmp_path):
    for content in (message("good"), RESET):
        with api(lambda *_, content=content: (200, {}, content)) as (url, _):
            client = connect(
                "x", mode="record", folder=tmp_path, base_url=url, sync=True, max_retries=0
            )
            with contextlib.suppress(anthropic.APIConnectionError):
                said(client)
            finish_all()
    assert said(connect("x", folder=tmp_path, sync=True, strict=True)) == "good"


def test_half_an_emoji_survives(tmp_path):
    half = "half \ud83d emoji"
    results, counts = in_each_mode(lambda *_: (200, {}, message(half)), said, tmp_path)
    assert results == [half] * 3 and counts == [1, 1, 0]


@pytest.mark.parametrize("model", ["/home/jane/models/qwen.gguf", "C:\\models\\qwen.gguf"])
def test_the_path_of_a_model_stays_on_its_machine(model, tmp_path):
    tool = {"type": "tool_use", "id": "t", "name": "t", "input": {"model": model}}

    def answer(_, path, body):
        if json.loads(body).get("stream"):
            return 200, {"content-type": "text/event-stream"}, events("hi", model=model)
        return 200, {}, message("hi", model=model, content=[tool])

    def ask(client):
        with client.messages.stream(**hello()) as stream:
            streamed = stream.get_final_message().model
        reply = client.messages.create(**hello())
        return streamed, reply.model, reply.content[0].input["model"]

    (_, recorded, replayed), _ = in_each_mode(answer, ask, tmp_path)
    assert recorded == replayed == ("qwen.gguf", "qwen.gguf", model)


# one count for a recording


def numbered(k, *_):
    return 200, {}, message(f"vote {k}")


async def vote(folder, mode, url):
    client = connect("x", mode=mode, folder=folder, base_url=url, strict=True)
    return (await client.messages.create(**hello())).content[0].text


async def votes_at_once(*where):
    return await asyncio.gather(*(vote(*where) for _ in range(3)))


async def votes_in_turn(*where):
    return [await vote(*where) for _ in range(3)]


@pytest.mark.parametrize(
    "votes",
    [
        lambda *where: run(votes_at_once(*where)),
        lambda *where: run(votes_in_turn(*where)),
        lambda *where: [run(vote(*where)) for _ in range(3)],
    ],
    ids=["at once", "in turn", "a run each"],
)
def test_clients_of_one_recording_are_counted_together_in_each_mode(votes, tmp_path):
    heard = {}
    for mode in MODES:
        with api(numbered) as (url, asked):
            heard[mode] = votes(tmp_path, mode, url)
            assert len(asked) == (0 if mode == "replay" else 3)
        finish_all()
    assert all(sorted(three) == ["vote 0", "vote 1", "vote 2"] for three in heard.values())


def test_clients_made_in_threads_lose_nothing(tmp_path):
    with api(numbered) as (url, asked):

        def ask(_):
            return said(recording_client(tmp_path, url))

        with ThreadPoolExecutor(8) as pool:
            heard = list(pool.map(ask, range(24)))
        assert finish_all() == [tmp_path / "x.yaml"]
    assert len(asked) == 24 and sorted(heard) == sorted(f"vote {k}" for k in range(24))
    assert len(recordings.load(tmp_path / "x.yaml").exchanges) == 24


def test_a_client_goes_on_after_its_recording_was_written(tmp_path):
    with api(numbered) as (url, asked):
        client = recording_client(tmp_path, url)
        for words in ("one", "two"):
            said(client, words)
            finish_all()
    assert len(asked) == 2 and len(recordings.load(tmp_path / "x.yaml").exchanges) == 2


# what goes wrong on our side


def test_a_full_disk_is_one_error_that_names_the_files(tmp_path, monkeypatch):
    real = part.append
    with api(numbered) as (url, asked):
        client = recording_client(tmp_path, url)
        said(client, "one")

        def full(path, *more):
            if path.parent == tmp_path:
                raise OSError(28, "No space left on device")
            real(path, *more)

        monkeypatch.setattr(part, "append", full)
        with pytest.raises(RecordingError, match="No space left on device") as caught:
            said(client, "two")
        with pytest.raises(RecordingError, match="nothing more is asked"):
            said(client, "three")
        monkeypatch.setattr(part, "append", real)
        assert len(asked) == 2  # neither again nor more
        abandon_all()
        (elsewhere,) = re.findall(r"The last one is in (\S+);", str(caught.value))
        assert str(tmp_path / "x.yaml.part") in str(caught.value)
        os.replace(elsewhere, tmp_path / os.path.basename(elsewhere))
        again = recording_client(tmp_path, url)
        assert [said(again, words) for words in ("one", "two")] == ["vote 0", "vote 1"]
        finish_all()
    assert len(asked) == 2 and [path.name for path in tmp_path.iterdir()] == ["x.yaml"]


def test_a_part_that_cannot_be_written_to_its_end_is_as_it_was(tmp_path, monkeypatch):
    exchange = recordings.Exchange(
        "", {"method": "POST", "path": "/", "body": 1}, recordings.Reply()
    )
    path = tmp_path / "x.yaml.part"
    part.append(path, exchange, Recording("x"))
    before = path.read_bytes()

    class Full:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, data):
            self.file.write(data[: len(data) // 2])
            raise OSError(28, "No space left on device")

    opened = type(path).open
    with monkeypatch.context() as context, pytest.raises(OSError, match="No space"):
        context.setattr(type(path), "open", lambda self, mode: Full(opened(self, mode)))
        part.append(path, exchange, Recording("x"))
    assert path.read_bytes() == before


def test_a_folder_that_goes_away_and_a_program_that_moves_lose_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with api(numbered) as (url, asked):
        client = connect("x", mode="record", base_url=url, sync=True)
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        (tmp_path / "recordings").rmdir()
        said(client)
        assert finish_all() == [tmp_path / "recordings" / "x.yaml"]
    assert len(asked) == 1 and list((tmp_path / "elsewhere").iterdir()) == []


def test_a_bug_of_ours_is_asked_once_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "_as_plain", lambda _: {}["no such thing"])
    with api(numbered) as (url, asked):
        client = recording_client(tmp_path, url)
        with pytest.raises(RecordingError, match="KeyError: 'no such thing'"):
            said(client)
        assert len(asked) == 1


def test_a_bug_of_ours_at_the_end_of_a_stream_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "_as_plain", lambda _: {}["no such thing"])
    sent = (200, {"content-type": "text/event-stream"}, events("one two"))
    with api(lambda *_: sent) as (url, _):
        client = recording_client(tmp_path, url)
        with (
            pytest.raises(RecordingError, match="no such thing"),
            client.messages.stream(**hello()) as stream,
        ):
            stream.until_done()


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_asked(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match="can't be written, so nothing is asked"):
        connect("x", mode="record", folder=tmp_path / "file")
    assert recorder_of("y", tmp_path / "y.yaml").finish() is False


def test_a_damaged_recording_is_said_before_anything_is_asked(tmp_path):
    (tmp_path / "x.yaml").write_text("format: [", encoding="utf-8")
    with pytest.raises(RecordingError, match=r"x\.yaml, line 1: not readable"):
        connect("x", mode="record", folder=tmp_path)


# a recording that was broken off


DIES = """
import os, sys
from mas_helpers import connect
client = connect("x", mode="record", folder=sys.argv[1], base_url=sys.argv[2], sync=True)
for words in sys.argv[3:]:
    print(client.messages.create(model="m", max_tokens=9,
        messages=[{"role": "user", "content": words}]).content[0].text, flush=True)
os._exit(1)
"""


def dies_after(folder, url, *words):
    command = [sys.executable, "-c", DIES, str(folder), url, *words]
    done = programs.run(command, capture_output=True, text=True, encoding="utf-8", timeout=600)
    return done.stdout.split("\n")[:-1], done.stderr


@pytest.mark.slow
def test_what_a_process_that_died_had_paid_is_taken_up_and_said(tmp_path, capsys):
    with api(numbered) as (url, asked):
        assert dies_after(tmp_path, url, "a", "b", "a")[0] == ["vote 0", "vote 1", "vote 2"]
        heard, told = dies_after(tmp_path, url, "a", "c")
        assert heard == ["vote 0", "vote 3"] and "3 replies of one that was broken off" in told
        client = recording_client(tmp_path, url)
        assert "4 replies of one that was broken off" in capsys.readouterr().err
        assert [said_by(client, words) for words in "aab"] == ["vote 0", "vote 2", "vote 1"]
        finish_all()
    assert len(asked) == 4
    assert len(recordings.load(tmp_path / "x.yaml").exchanges) == 3
    # what nobody asked for now is not lost, and not in the way
    assert len(part.take_up(tmp_path / "x.yaml").exchanges) == 1


def said_by(client, words):
    messages = [{"role": "user", "content": words}]
    return client.messages.create(model="m", max_tokens=9, messages=messages).content[0].text


def test_an_error_that_came_last_is_asked_again_and_one_before_a_reply_is_not(tmp_path):
    def answer(k, _, body):
        busy = (
            529,
            {"retry-after-ms": "1"},
            {"type": "error", "error": {"type": "e", "message": ""}},
        )
        dry = 400, {}, {"type": "error", "error": {"type": "e", "message": "no credit left"}}
        return busy if k == 0 else dry if k == 2 else (200, {}, message(f"vote {k}"))

    with api(answer) as (url, asked):
        client = recording_client(tmp_path, url)
        assert said(client, "one") == "vote 1"  # after a 529
        with pytest.raises(anthropic.BadRequestError):
            said(client, "two")
        abandon_all()
        client = recording_client(tmp_path, url)
        assert [said(client, "one"), said(client, "two")] == ["vote 1", "vote 3"]
        finish_all()
    assert len(asked) == 4
    statuses = [e.reply.status for e in recordings.load(tmp_path / "x.yaml").exchanges]
    assert statuses == [529, 200, 200]


@pytest.mark.parametrize("cut", [1, 5, 40, 120, 200])
def test_a_part_that_was_cut_gives_its_whole_exchanges(cut, tmp_path):
    with api(lambda k, *_: (200, {}, message(f"line {k}\nof two"))) as (url, asked):
        client = recording_client(tmp_path, url)
        for words in ("one", "two"):
            said(client, words)
        abandon_all()
        path = tmp_path / "x.yaml.part"
        path.write_bytes(path.read_bytes()[:-cut])
        client = recording_client(tmp_path, url)
        assert said(client, "one") == "line 0\nof two" and said(client, "two") == "line 2\nof two"
        finish_all()
    assert len(asked) == 3 and not path.exists()


def test_a_part_of_somebody_else_is_kept_aside(tmp_path):
    (tmp_path / "x.yaml.part").write_text("notes of mine", encoding="utf-8")
    recorder_of("x", tmp_path / "x.yaml")
    assert (tmp_path / "x.yaml.part.unreadable").read_text(encoding="utf-8") == "notes of mine"


TWO = """
import sys, time
from mas_helpers import connect
from mas_helpers.bench.transports.record import finish_all
client = connect("x", mode="record", folder=sys.argv[1], base_url=sys.argv[2], sync=True)
for k in range(4):
    messages = [{"role": "user", "content": f"{sys.argv[3]} {k} " + "long words " * 3000}]
    client.messages.create(model="m", max_tokens=9, messages=messages)
    client.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": "same"}])
print("ready", flush=True)
sys.stdin.readline()
finish_all()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("begins", "ends"), [("at once", "at once"), ("later", "AB"), ("later", "BA")]
)
def test_two_processes_that_record_at_once_lose_nothing_and_keep_nothing_twice(
    begins, ends, tmp_path
):
    processes, pipes = {}, {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with api(numbered) as (url, asked):
        for name in "AB":
            command = [sys.executable, "-c", TWO, str(tmp_path), url, name]
            processes[name] = programs.popen(command, **pipes)
            if begins != "at once":
                assert processes[name].stdout.readline().strip() == b"ready"
        for process in processes.values():
            assert begins != "at once" or process.stdout.readline().strip() == b"ready"
        for name in "AB" if ends == "at once" else ends:
            processes[name].stdin.write(b"\n")
            processes[name].stdin.flush()
            assert ends == "at once" or processes[name].wait(600) == 0
        for process in processes.values():
            process.communicate(timeout=600)
    bodies = [json.loads(body)["messages"][0]["content"] for body in asked]
    kept = recordings.load(tmp_path / "x.yaml").exchanges
    assert sorted(e.request["body"]["messages"][0]["content"] for e in kept) == sorted(bodies)
    assert begins == "at once" or bodies.count("same") == 4  # the second took up what was paid for
    assert [path.name for path in tmp_path.iterdir()] == ["x.yaml"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_process_that_is_killed_leaves_a_whole_file_and_each_reply_it_had_heard(tmp_path):
    with api(lambda k, *_: (200, {}, [0.01, message(f"vote {k}")])) as (url, asked):
        paid: dict[str, str] = {}
        for round_ in range(4):
            words = [f"q{k}" for k in range(30)]
            command = [sys.executable, "-c", DIES, str(tmp_path), url, *words]
            process = programs.popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
            heard = [process.stdout.readline().strip() for _ in range(3 + 5 * round_)]
            process.send_signal(signal.SIGKILL)
            heard += process.communicate()[0].split("\n")[:-1]
            for asked_words, reply in zip(words, heard, strict=False):
                assert paid.setdefault(asked_words, reply) == reply  # never paid again
        kept = part.take_up(tmp_path / "x.yaml").exchanges
    said_in = {
        e.request["body"]["messages"][0]["content"]: e.reply.body["content"][0]["text"]
        for e in kept
    }
    assert paid.items() <= said_in.items() and len(paid) >= 18


# secrets


TOKEN = "ghp_" + "a1B2c3D4e5" * 3


def test_a_request_with_a_secret_is_refused_before_it_is_sent(tmp_path):
    key = os.environ["ANTHROPIC_API_KEY"]
    with api(numbered) as (url, asked):
        client = recording_client(tmp_path, url)
        said(client, "fine")
        for secret, kind in ((TOKEN, "a GitHub token"), (key, "the credential")):
            with pytest.raises(RecordingError) as caught:
                client.messages.create(
                    **hello("hi", system=[{"type": "text", "text": f"Use {secret}."}])
                )
            assert f"body.system[0].text: {kind}" in str(caught.value)
            assert "request 2" in str(caught.value) and secret not in str(caught.value)
        assert len(asked) == 1
        finish_all()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir()).decode()
    assert "fine" in written and TOKEN not in written and key not in written


def test_a_secret_that_comes_back_is_in_no_file_and_the_reply_is_not_lost(tmp_path):
    with api(lambda *_: (200, {}, message(f"It is {TOKEN}."))) as (url, asked):
        client = recording_client(tmp_path, url)
        assert said(client) == f"It is {TOKEN}."
        with pytest.raises(
            RecordingError, match=r"reply 1, body\.content\[0\]\.text: a GitHub token"
        ):
            finish_all()
        assert [path.name for path in tmp_path.iterdir()] == ["x.yaml.part"]
        assert TOKEN not in (tmp_path / "x.yaml.part").read_text(encoding="utf-8")
        # recorded again, it is taken up as it stands there
        client = recording_client(tmp_path, url)
        assert said(client) == "It is [secret]."
        finish_all()
    assert len(asked) == 1
    assert said(connect("x", folder=tmp_path, sync=True, strict=True)) == "It is [secret]."


def test_what_only_looks_like_a_secret_can_be_allowed_and_the_key_in_use_cannot(tmp_path):
    key = os.environ["ANTHROPIC_API_KEY"]
    with api(lambda *_: (200, {}, message(TOKEN))) as (url, _):
        options = {"base_url": url, "sync": True, "not_secret": [TOKEN, key]}
        client = connect("x", mode="record", folder=tmp_path, **options)
        assert said(client, TOKEN) == TOKEN
        with pytest.raises(RecordingError, match="the credential"):
            said(client, key)
        finish_all()
    assert said(connect("x", folder=tmp_path, sync=True, strict=True), TOKEN) == TOKEN


# other clients of the SDK


CLOUDS = {
    "AnthropicBedrock": {"api_key": "a-key-0123456789", "aws_region": "eu-west-1"},
    "AnthropicVertex": {"access_token": "a-key-0123456789", "region": "eu", "project_id": "ours"},
    "AnthropicFoundry": {"api_key": "a-key-0123456789"},
    "AnthropicAWS": {"api_key": "a-key-0123456789", "aws_region": "eu-west-1", "workspace_id": "w"},
    "AnthropicGoogleCloud": {"token_provider": lambda: "a-key-0123456789", "project": "ours"},
}


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_client_of_a_cloud_is_recorded_and_replays_without_its_credentials(
    cloud, asynchronous, tmp_path
):
    client_class = getattr(anthropic, f"{'Async' if asynchronous else ''}{cloud}")

    def ask(client):
        reply = client.messages.create(**hello())
        return (run(reply) if asynchronous else reply).content[0].text

    with api(numbered) as (url, asked):
        options = {"client_class": client_class, "folder": tmp_path}
        client = connect("x", mode="record", base_url=url, **options, **CLOUDS[cloud])
        assert type(client) is client_class and ask(client) == "vote 0" and len(asked) == 1
        finish_all()
    written = (tmp_path / "x.yaml").read_text(encoding="utf-8")
    assert "a-key" not in written and "ours" not in written and "eu" not in written.split()
    assert ask(connect("x", mode="replay", strict=True, **options)) == "vote 0"
    assert ask(connect("x", mode="replay", **options, **CLOUDS[cloud])) == "vote 0"


def test_a_subclass_keeps_its_own_arguments(tmp_path):
    class Ours(anthropic.Anthropic):
        def __init__(self, tenant, **options):
            super().__init__(**options)
            self.tenant = tenant

    with api(numbered) as (url, _):
        said(
            connect(
                "x", mode="record", folder=tmp_path, base_url=url, client_class=Ours, tenant="t"
            )
        )
        finish_all()
    client = connect("x", folder=tmp_path, client_class=Ours, tenant="t", strict=True)
    assert (said(client), client.tenant, client.api_key) == ("vote 0", "t", "replay")
