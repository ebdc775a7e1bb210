"""The recording files: any JSON survives, damage is named, the nearest request is found."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mas_helpers.bench import RecordingError, recordings
from mas_helpers.bench.matching import fits, nearest, percent
from mas_helpers.bench.recordings import Exchange, Recording, Reply

text = st.text(
    alphabet=st.one_of(
        st.characters(codec="utf-8"), st.sampled_from(string.whitespace + ":#-'\"|>{}[]\x85\u2028")
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
            b"format: 3\nexchanges: []",
            "format 3; this version of mas_helpers reads formats 1 and 2",
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
    assert path.read_text(encoding="utf-8").startswith("format: 2\nname: desk\n")
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
