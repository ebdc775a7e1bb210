"""A cassette becomes a recording that replays through today's SDK, and what is left out is said.

`cassettes/vcrpy.yaml` and `.json` were written by vcrpy 9.4.2 with anthropic 2.14.0, from a server
on this machine that compresses what it is asked to.
"""

import base64
import gzip
import json
import zlib
from pathlib import Path

import anthropic
import pytest
import yaml

from mas_helpers import __main__ as command_line
from mas_helpers import connect
from mas_helpers.bench import RecordingError, recordings
from mas_helpers.bench.cassettes import read_cassette

WRITTEN = Path(__file__).parent / "cassettes"
HAIKU = "claude-haiku-4-5-20251001"
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": HAIKU, "stop_sequence": None,
    "content": [{"type": "text", "text": "Grüße"}], "stop_reason": "end_turn",
    "usage": {"input_tokens": 12, "output_tokens": 5},
}  # fmt: skip
ASKED = {"model": HAIKU, "max_tokens": 50, "messages": [{"role": "user", "content": "hi"}]}
TEXT = json.dumps(MESSAGE, ensure_ascii=False)
URL = "https://api.anthropic.com/v1/messages"
JSON_TYPE = {"content-type": ["application/json"]}


def interaction(asked=None, answered=None, uri=URL, **more):
    request = {"method": "POST", "uri": uri, "headers": {}, "body": json.dumps(ASKED)}
    response = {
        "status": {"code": 200, "message": "OK"},
        "headers": JSON_TYPE,
        "body": {"string": TEXT},
    }
    return {"request": request | (asked or {}), "response": response | (answered or {}), **more}


def cassette(folder, *interactions, **more):
    path = folder / "some.yaml"
    data = {"interactions": list(interactions), "version": 1, **more}
    path.write_text(yaml.dump(data), encoding="utf-8")
    return path


def replayed(path, folder, ask):
    recording, _ = read_cassette(path, "desk")
    recording.save(folder / "desk.yaml")
    return ask(connect("desk", folder=folder, strict=True, sync=True))


def say_hi(client):
    return client.messages.create(**ASKED).content[0].text


@pytest.mark.parametrize("name", ["vcrpy.yaml", "vcrpy.json"])
def test_what_vcrpy_writes_replays(name, tmp_path):
    def ask(client):
        def say(words):
            asked = {**ASKED, "messages": [{"role": "user", "content": words}]}
            return client.messages.create(**asked).content[0].text

        twice = [say("hi"), say("hi")]
        busy = say("busy")  # a 529 first, which the SDK asks again
        asked = {**ASKED, "messages": [{"role": "user", "content": "stream"}]}
        with client.messages.stream(**asked) as stream:
            words = list(stream.text_stream)
        count = client.messages.count_tokens(model=HAIKU, messages=ASKED["messages"])
        return twice, busy, words, count.input_tokens, client.models.list().data

    twice, busy, words, count, models = replayed(WRITTEN / name, tmp_path, ask)
    assert twice == ["Grüße 1, 😀 hi", "Grüße 2, 😀 hi"]
    assert busy == "Grüße 4, 😀 busy"
    assert (words, count, models) == (["Grüße, ", "one ", "two."], 7, [])


def test_where_it_comes_from_is_kept_and_no_header_that_says_who_asked(tmp_path):
    recording, left_out = read_cassette(WRITTEN / "vcrpy.yaml", "desk")
    assert (recording.source, recording.recorded, recording.sdk) == (
        "127.0.0.1",
        "2026-11-27",
        "anthropic 2.14.0",
    )
    assert len(left_out) == 1 and left_out[0].startswith("1 × POST http://127.0.0.1:")
    assert left_out[0].endswith("/v1/other: not the Messages API")
    recording.save(tmp_path / "desk.yaml")
    text = (tmp_path / "desk.yaml").read_text(encoding="utf-8")
    assert not any(
        word in text for word in ("cookie", "sid=", "cf-ray", "organization", "stainless")
    )


BODIES = {
    "a text": ({"body": {"string": TEXT}}, None),
    "bytes": ({"body": {"string": TEXT.encode()}}, None),
    "gzip": ({"body": {"string": gzip.compress(TEXT.encode())}}, "gzip"),
    "gzip that was decompressed already": ({"body": {"string": TEXT}}, "gzip"),
    "deflate": ({"body": {"string": zlib.compress(TEXT.encode())}}, "deflate"),
    "base64": ({"body": {"base64_string": base64.b64encode(TEXT.encode()).decode()}}, None),
    "base64 of gzip": (
        {"body": {"base64_string": base64.b64encode(gzip.compress(TEXT.encode())).decode()}},
        "gzip",
    ),
    "a parsed body": ({"body": None, "parsed_body": MESSAGE}, None),
    "JSON by its type": ({"body": {"type": "json", "content": MESSAGE}, "status": 200}, None),
    "a text by its type": ({"body": {"type": "text", "content": TEXT}, "status": 200}, None),
    "the form for httpx of 2023": ({"content": TEXT, "status_code": 200}, None),
}


@pytest.mark.parametrize("kind", BODIES)
def test_each_form_of_a_reply_is_read(kind, tmp_path):
    answered, encoding = BODIES[kind]
    answered = dict(answered)
    if "content" in answered:  # it has no body
        made = interaction()
        del made["response"]["body"]
    else:
        made = interaction()
    made["response"] |= answered
    if encoding:
        made["response"]["headers"] = {"Content-Encoding": [encoding], **JSON_TYPE}
    assert replayed(cassette(tmp_path, made), tmp_path, say_hi) == "Grüße"


@pytest.mark.parametrize("asked", [
    {"body": json.dumps(ASKED).encode()},
    {"body": {"string": json.dumps(ASKED), "encoding": "UTF-8"}, "method": "post"},
    {"body": None, "parsed_body": ASKED},
    {"body": {"type": "json", "content": ASKED}},
    {"uri": URL + "?beta=true"},
    {"uri": "https://gateway.example/anthropic/v1/messages"},
])  # fmt: skip
def test_each_form_of_a_request_is_read(asked, tmp_path):
    assert replayed(cassette(tmp_path, interaction(asked)), tmp_path, say_hi) == "Grüße"


def test_a_cassette_of_ruby_and_one_of_python_2_are_read(tmp_path):
    path = tmp_path / "some.yml"
    ruby = interaction(recorded_at="Thu, 06 Mar 2025 19:24:49 GMT")
    path.write_text(yaml.dump({"http_interactions": [ruby]}), encoding="utf-8")
    assert replayed(path, tmp_path, say_hi) == "Grüße"
    text = yaml.dump([interaction()]).replace("method: POST", "method: !!python/unicode 'POST'")
    path.write_text(text, encoding="utf-8")
    assert replayed(path, tmp_path, say_hi) == "Grüße"


@pytest.mark.parametrize(("made", "words"), [
    (interaction(uri="https://api.openai.com/v1/chat/completions"), "not the Messages API"),
    (interaction(uri="https://api.openai.com/v1/models"), "not the Messages API"),
    (interaction(uri="https://api.anthropic.com/v1/oauth/token"), "not the Messages API"),
    (interaction(answered={"status": {"code": 401}}), "its key was refused (401)"),
    (interaction(answered={"status": None}), "its status is no number (None)"),
    (interaction(answered={"body": {"string": b"\xff\xfe"}}), "its reply is no text"),
    (interaction(answered={"body": {"string": b"\x1f\x8bxx"},
                           "headers": {"content-encoding": ["gzip"]}}), "cannot be decompressed"),
    (interaction(answered={"body": {"string": b"\x28\xb5\x2f\xfd"},
                           "headers": {"content-encoding": ["lzma"]}}), "compressed with lzma"),
    ({"request": {"uri": URL}}, "an interaction is incomplete (KeyError: 'response')"),
    (interaction(answered={"body": {"base64_string": "A"}}), "an interaction is incomplete"),
    ("nothing", "an interaction is incomplete (TypeError"),
])  # fmt: skip
def test_what_is_left_out_is_said_with_its_reason(made, words, tmp_path):
    recording, left_out = read_cassette(cassette(tmp_path, interaction(), made, made), "desk")
    assert len(recording.exchanges) == 1
    assert len(left_out) == 1 and left_out[0].startswith("2 × ") and words in left_out[0]


@pytest.mark.parametrize(("text", "words"), [
    (None, "There is no"),
    ("interactions: [", "not readable"),
    ("format: 2\nexchanges: []\n", "not a cassette"),
    ("!!python/object:os.system {}", "not readable"),
])  # fmt: skip
def test_a_file_that_is_no_cassette_is_named(text, words, tmp_path):
    path = tmp_path / "some.yaml"
    if text:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordingError, match=words) as caught:
        read_cassette(path, "desk")
    assert str(path) in str(caught.value)


def test_the_command_makes_a_recording_of_each_cassette_and_says_what_is_not_in_it(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("cassettes").mkdir()
    cassette(Path("cassettes"), interaction(), interaction(uri="https://example.com/x?key=abc"))
    assert command_line.main(["import", "cassettes", "--folder", "tests/recordings"]) == 0
    target = Path("tests/recordings/some.yaml")
    assert capsys.readouterr().out == (
        f"{target}: 1 exchange of api.anthropic.com, each of 0 seconds\n"
        "  left out: 1 × POST https://example.com/x: not the Messages API\n"
    )
    client = connect("some", folder=target.parent, strict=True, sync=True)
    assert say_hi(client) == "Grüße"
    before = target.read_bytes()
    assert command_line.main(["import", "cassettes", "--folder", "tests/recordings"]) == 2
    assert "is there already" in capsys.readouterr().err and target.read_bytes() == before
    named = ["import", "cassettes/some.yaml", "--name", "desk", "--folder", "tests/recordings"]
    assert command_line.main(named) == 0
    assert recordings.load(target.with_name("desk.yaml")).name == "desk"


def test_the_command_says_where_nothing_could_be_imported(tmp_path, capsys):
    path = cassette(tmp_path, interaction(uri="https://example.com/x"))
    assert command_line.main(["import", str(path), "--folder", str(tmp_path / "r")]) == 1
    assert capsys.readouterr().out.startswith(f"{path}: nothing to import\n")
    assert not (tmp_path / "r").exists()
    (tmp_path / "empty").mkdir()
    assert command_line.main(["import", str(tmp_path / "empty")]) == 2
    assert "There are no cassettes" in capsys.readouterr().err
    assert command_line.main(["import", str(path), str(path), "--name", "x"]) == 2


def test_a_secret_in_a_cassette_is_not_brought_along_in_silence(tmp_path, capsys):
    key = "sk-ant-api03-" + "Ab1" * 8
    asked = {**ASKED, "system": f"The key is {key}."}
    path = cassette(tmp_path, interaction({"body": json.dumps(asked)}))
    assert command_line.main(["import", str(path), "--folder", str(tmp_path / "r")]) == 1
    said = "".join(capsys.readouterr())
    assert "looks like an Anthropic key" in said and key not in said


def test_a_cassette_among_recordings_is_called_that(tmp_path):
    path = cassette(tmp_path, interaction())
    with pytest.raises(RecordingError) as caught:
        connect("some", folder=tmp_path)
    assert f"{path}: a cassette of vcrpy." in str(caught.value)
    assert "python -m mas_helpers import some.yaml" in str(caught.value)


def test_a_recorded_error_stays_one(tmp_path):
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": "no"}}
    answered = {"status": {"code": 400}, "body": {"string": json.dumps(error)}}
    with pytest.raises(anthropic.BadRequestError):
        replayed(cassette(tmp_path, interaction(answered=answered)), tmp_path, say_hi)
