"""The recording files: any JSON survives, damage is named, the nearest request is found."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mas_helpers import connect
from mas_helpers.bench import RecordingError, recordings
from mas_helpers.bench.matching import fits, nearest, percent
from mas_helpers.bench.recordings import Exchange, Recording, Reply

text = st.text(
    alphabet=st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from(string.whitespace + ":#-'\"|>{}[]\x85\u2028\ud83d\udc00"),
    )
)
numbers = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


def post(body):
    return {"method": "POST", "path": "/v1/messages", "body": body}


def ask(words, system="You answer.", **more):
    return post(
        {"model": "m", "system": system, "messages": [{"role": "user", "content": words}], **more}
    )


def saying(words):
    return Reply(200, 1.0, {}, {"content": [{"type": "text", "text": words}]})


@given(
    request=json_values,
    body=json_values,
    raw=text,
    events=st.lists(st.fixed_dictionaries({"at": st.just(1.5), "data": text})),
)
def test_whatever_was_said_is_read_back_as_it_was(tmp_path_factory, request, body, raw, events):
    path = tmp_path_factory.mktemp("any") / "any.yaml"
    made = Recording("any", "stand-in", exchanges=[
        Exchange("a", post(request), Reply(200, 0.1, {"request-id": "req_1"}, body=body)),
        Exchange("", post(request), Reply(500, 2.5, text=raw)),
        Exchange("b", post(request), Reply(200, 0.5, events=events)),
    ])  # fmt: skip
    made.save(path)
    assert recordings.load(path) == made


def test_texts_of_several_lines_are_readable_blocks(tmp_path):
    Recording("x", exchanges=[Exchange("a", ask("One.\nTwo."), saying("Three.\nFour."))]).save(
        tmp_path / "x.yaml"
    )
    written = (tmp_path / "x.yaml").read_text(encoding="utf-8")
    assert "content: |-\n          One.\n          Two.\n" in written


def test_saving_leaves_no_part_behind_and_survives_a_failure(tmp_path, monkeypatch):
    path = tmp_path / "x.yaml"
    Recording("old").save(path)
    monkeypatch.setattr(
        recordings.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full"))
    )
    with pytest.raises(OSError):
        Recording("new").save(path)
    assert recordings.load(path).name == "old"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"format: 1\nexchanges:\n- agent: [", "x.yaml, line 3"),
        (b"format: 1\nexchanges:\n\t- agent: a", "x.yaml, line 3"),
        (b"just words", "x.yaml, line 1: not a recording"),
        (b"", "x.yaml, line 1: not a recording"),
        (
            b"format: 4\nexchanges: []",
            "format 4; this version of mas_helpers reads formats 1 to 3",
        ),
        (b"format: 1\nexchanges:\n- agent: a\n", "an exchange is incomplete (KeyError: 'request')"),
        (
            b"format: 1\nexchanges:\n- agent: a\n"
            b"  request: {method: POST, path: /, body: 1}\n  reply: {sta",
            "line 5",
        ),
        (b"\xff\xfe", "x.yaml: not readable as YAML"),
    ],
)
def test_a_damaged_file_is_named_with_its_line(tmp_path, content, words):
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        recordings.load(path)
    assert words in str(caught.value)


def test_a_name_without_a_recording_names_the_nearest_and_the_way_to_one(tmp_path):
    Recording("01_agent").save(tmp_path / "01_agent.yaml")
    with pytest.raises(RecordingError) as caught:
        recordings.load(tmp_path / "01_agnet.yaml")
    assert "Nothing is recorded for '01_agnet'" in str(caught.value)
    assert "Did you mean '01_agent'?" in str(caught.value)
    assert "To record it: set ANTHROPIC_API_KEY and MAS_MODE=record." in str(caught.value)


def test_the_key_ignores_the_order_of_fields_and_nothing_else():
    assert recordings.key_of(post({"a": 1, "b": [1, 2]})) == recordings.key_of(
        post({"b": [1, 2], "a": 1})
    )
    assert recordings.key_of(post({"b": [1, 2]})) != recordings.key_of(post({"b": [2, 1]}))


def test_the_nearest_request_is_by_the_same_agent_then_of_the_same_turns_then_the_most_alike():
    tool_turns = [
        {"role": "user", "content": "weather in Rome"},
        {"role": "assistant", "content": [{"type": "tool_use"}]},
    ]
    made = Recording("x", exchanges=[
        Exchange("a", ask("the weather in Oslo tomorrow"), saying("1")),
        Exchange("a", ask("a poem on rain"), saying("2")),
        Exchange("b", ask("the weather in Rome tomorrow"), saying("3")),
        Exchange("a", post({"messages": tool_turns}), saying("4")),
        Exchange("a", ask("the weather in Rome tomorrow", tools=[{"name": "t"}]), saying("5")),
    ])  # fmt: skip
    closest, alike = nearest(made.exchanges, ask("the weather in Rome tomorrow"), "a")
    assert closest is made.exchanges[0]
    assert 0.7 < alike < 1
    assert nearest(made.exchanges, ask("the weather in Rome tomorrow"), "b")[1] == 1.0


@pytest.mark.parametrize(
    "more",
    [
        {"tools": [{"name": "t"}]},
        {"output_config": {"format": {"type": "json_schema"}}},
        {"stream": True},
    ],
)
def test_a_reply_to_other_tools_another_schema_or_a_stream_does_not_fit(more):
    exchange = Exchange("a", ask("hello"), saying("1"))
    assert fits(exchange, ask("other words")) and not fits(exchange, ask("hello", **more))
    same = Exchange("b", ask("something else", **more), saying("2"))
    # it is nearest all the same where there is no other
    assert nearest([exchange], ask("hello", **more), "a") == (exchange, 1.0)
    assert nearest([exchange, same], ask("hello", **more), "a")[0] is same


def test_descriptions_are_words_and_a_reply_fits_whatever_they_say():
    def tool(words):
        field = {"type": "string", "description": words}
        schema = {"type": "object", "properties": {"description": field}}
        return [{"name": "t", "description": words, "input_schema": schema}]

    exchange = Exchange("a", ask("hello", tools=tool("one")), saying("1"))
    assert fits(exchange, ask("hello", tools=tool("two")))


def test_what_a_person_writes_by_hand_is_read_as_json_would_mean_it(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(
        "format: 1\nexchanges:\n- agent: a\n"
        "  request: {method: POST, path: /v1/messages, body: {day: 2026-11-20, on: yes}}\n"
        "  reply:\n    {status: 429, seconds: 1, headers: {retry-after: 3},\n"
        "     body: {sure: no, fine: true}}\n",
        encoding="utf-8",
    )
    (exchange,) = recordings.load(path).exchanges
    assert exchange.request["body"] == {"day": "2026-11-20", "on": "yes"}
    assert exchange.reply.headers == {"retry-after": "3"}
    assert exchange.reply.body == {"sure": "no", "fine": True}


@pytest.mark.parametrize(
    "wrong", ["status: abc", "seconds: .nan", "seconds: soon", "headers: 3", "seconds: -1"]
)
def test_a_reply_that_cannot_be_played_is_named_when_it_is_loaded(tmp_path, wrong):
    path = tmp_path / "x.yaml"
    path.write_text(
        "format: 1\nexchanges:\n- agent: a\n  request: {method: POST, path: /, body: 1}\n"
        f"  reply: {{body: 1, {wrong}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(RecordingError, match="an exchange is incomplete"):
        recordings.load(path)


def test_a_recording_of_format_1_is_read_and_saved_in_the_present_one(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("format: 1\nlesson: desk\nexchanges: []\n", encoding="utf-8")
    recording = recordings.load(path)
    assert recording.name == "desk"
    recording.save(path)
    assert path.read_text(encoding="utf-8").startswith("format: 3\nname: desk\n")
    assert recordings.load(path) == recording


def test_a_file_is_parsed_once_until_it_changes(tmp_path, monkeypatch):
    parsed, load = [], recordings.load
    monkeypatch.setattr(recordings, "load", lambda path: (parsed.append(path), load(path))[1])
    path = tmp_path / "x.yaml"
    Recording("one").save(path)
    first = recordings.load_shared(path)
    assert recordings.load_shared(path) is first and len(parsed) == 1
    Recording("two").save(path)  # as long as before, and perhaps within the same tick
    assert recordings.load_shared(path).name == "two" and len(parsed) == 2
    path.unlink()
    with pytest.raises(RecordingError, match="Nothing is recorded"):
        recordings.load_shared(path)


def test_a_recording_that_is_loaded_is_ones_own(tmp_path):
    path = tmp_path / "x.yaml"
    Recording("x", exchanges=[Exchange("a", ask("hello"), saying("1"))]).save(path)
    recordings.load(path).exchanges.clear()
    assert len(recordings.load_shared(path).exchanges) == 1


def test_the_same_agent_comes_before_the_same_turns():
    two_turns = [
        {"role": "user", "content": "weather in Rome"},
        {"role": "assistant", "content": "Where?"},
    ]
    mine = Exchange("a", post({"messages": two_turns}), saying("mine"))
    others = Exchange("b", ask("the weather in Rome"), saying("another's"))
    for exchanges in ([mine, others], [others, mine]):
        assert nearest(exchanges, ask("the weather in Rome"), "a")[0] is mine


def test_of_the_same_words_the_same_model_comes_before_the_nearest_limit():
    other = Exchange("a", ask("hello", model="other", max_tokens=100), saying("another model's"))
    same = Exchange("a", ask("hello", max_tokens=4000), saying("the same model's"))
    assert nearest([other, same], ask("hello", max_tokens=100), "a") == (same, 1.0)


def test_a_share_is_rounded_down_and_never_all():
    assert [percent(share) for share in (0.0, 0.915, 0.9999, 1.0)] == [
        "0 %",
        "91 %",
        "99 %",
        "99 %",
    ]


@pytest.mark.parametrize("form", [2, 3])
def test_a_file_that_was_cut_between_two_lines_is_told(form, tmp_path):
    usage = {"input_tokens": 1, "output_tokens": 2}
    body = {"type": "message", "content": [{"type": "text", "text": "One.\nTwo."}], "usage": usage}
    path = tmp_path / "x.yaml"
    Recording(
        "x", exchanges=[Exchange("a", ask(f"q{k}"), Reply(body=body)) for k in range(2)]
    ).save(path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    if form == 2:
        lines = ["format: 2\n", *lines[1:-1]]
    path.write_text("".join(lines), encoding="utf-8")
    assert len(recordings.load(path).exchanges) == 2
    second = max(number for number, line in enumerate(lines) if line.startswith("- "))
    told = []
    for end in range(second + 1, len(lines)):
        path.write_text("".join(lines[:end]), encoding="utf-8")
        with pytest.raises(RecordingError) as caught:
            recordings.load(path)
        assert f"{path}, line " in str(caught.value)
        told.append("the rest of the file is missing" in str(caught.value))
    assert told[-1]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("{body: !!binary aGk=}", "tag:yaml.org,2002:binary"),
        ("{body: !!timestamp 2026-11-27}", "tag:yaml.org,2002:timestamp"),
        ("{body: !!set {a}}", "tag:yaml.org,2002:set"),
        ("{body: !!python/name:os.system x}", "tag:yaml.org,2002:python/name:os.system"),
        ("{body: !json 1}", "!json is for texts"),
        ("{body: &a [*a]}", "Circular reference"),
        ("{base64: not base}", "an exchange is incomplete"),
        ("{broken: OSError}", "an exchange is incomplete"),
        ("{broken: Client}", "Client is no error of a connection"),
        ("{events: [{at: 1}]}", "an event needs a text"),
    ],
)
def test_what_json_cannot_hold_is_named_with_its_line(reply, words, tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(
        "format: 3\nname: x\nexchanges:\n- agent: a\n  request: {method: POST, path: /, body: 1}\n"
        f"  reply: {reply}\n...\n",
        encoding="utf-8",
    )
    with pytest.raises(RecordingError) as caught:
        recordings.load(path)
    said = str(caught.value)
    assert words in said and (f"{path}, line 6:" in said or f"{path}, line 4:" in said)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../../x", "it leaves the folder"),
        ("/etc/x", "it leaves the folder"),
        ("C:x", "it leaves the folder"),
        ("a\\b", "it leaves the folder"),
        ("", "it leaves the folder"),
        ("ab:c", "':' is not allowed"),
        ("nul", "nul is reserved on Windows"),
        ("team/COM1.old", "reserved on Windows"),
        ("x.", "ends in a space or a dot"),
        ("n" * 300, "more than 230 bytes"),
        ("ü" * 120, "more than 230 bytes"),
    ],
)
@pytest.mark.parametrize("mode", ["replay", "record"])
def test_a_name_that_no_file_should_have_is_refused(name, words, mode, tmp_path):
    with pytest.raises(RecordingError) as caught:
        connect(name, mode=mode, folder=tmp_path / "here", api_key="any")
    assert words in str(caught.value) and len(str(caught.value)) < 400
    assert list(tmp_path.iterdir()) == []


def test_a_name_may_have_a_folder_of_its_own(tmp_path):
    exchange = Exchange("", ask("hello"), saying("1"))
    Recording("x", exchanges=[exchange]).save(recordings.path_of(tmp_path, "team/x" + "y" * 228))
    assert recordings.load(tmp_path / "team" / f"x{'y' * 228}.yaml").exchanges == [exchange]
