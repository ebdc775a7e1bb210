"""A miss names the first place that differs, with both values, soon; and what may differ, may."""

import random
import re
import time
import uuid

import anthropic
import pytest

from mas_helpers import HAIKU, connect, run
from mas_helpers.bench import MissingRecording
from mas_helpers.bench.matching import differences, likeness, nearest
from mas_helpers.bench.recordings import Exchange, Recording, Reply, load
from mas_helpers.bench.transports.record import finish_all

SEARCH = {
    "name": "search",
    "input_schema": {
        "type": "object",
        "properties": {"query": {"type": "string"}},
        "required": ["query"],
    },
}
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": HAIKU, "stop_sequence": None,
    "stop_reason": "end_turn", "content": [{"type": "text", "text": "Yes."}],
    "usage": {"input_tokens": 1, "output_tokens": 1},
}  # fmt: skip


def post(body, path="/v1/messages", method="POST"):
    return {"method": method, "path": path, "body": body}


def body(text="hi", **more):
    return {
        "max_tokens": 99,
        "messages": [{"role": "user", "content": text}],
        "model": HAIKU,
        **more,
    }


def shown(recorded, yours):
    return [line for change in differences(recorded, yours) for line in change.lines()]


def kept(folder, *requests, sdk=f"anthropic {anthropic.__version__}"):
    reply = Reply(200, 0.0, {"content-type": "application/json"}, MESSAGE)
    exchanges = [Exchange("", request, reply) for request in requests]
    Recording("desk", "test", sdk=sdk, exchanges=exchanges).save(folder / "desk.yaml")
    return {"name": "desk", "folder": folder, "strict": True}


def miss(folder, recorded, **asked):
    client = connect(**kept(folder, recorded))
    with pytest.raises(MissingRecording) as caught:
        run(client.messages.create(**asked))
    return str(caught.value)


TOOLS = post(body(tools=[SEARCH]))
LIMITED = {**SEARCH["input_schema"]["properties"], "limit": {"default": 5, "type": "integer"}}
WIDER = {**SEARCH, "input_schema": {**SEARCH["input_schema"], "properties": LIMITED}}
OPTIONAL = {**SEARCH, "input_schema": {**SEARCH["input_schema"], "required": []}}
BLOCKS = [{"type": "text", "text": "a " * 60 + "fine day"}, {"type": "text", "text": "b"}]
OTHER_BLOCKS = [{"type": "text", "text": "a " * 60 + "cold day"}, {"type": "text", "text": "b"}]


@pytest.mark.parametrize(("recorded", "yours", "lines"), [
    (post(None, "/v1/models", "GET"), post(None, "/v1/models", "DELETE"),
     ["method", "  recorded: GET", "  yours:    DELETE"]),
    (post(body()), post(body(), "/v1/messages/count_tokens"),
     ["path", "  recorded: /v1/messages", "  yours:    /v1/messages/count_tokens"]),
    (post(None, "/v1/models?limit=20", "GET"), post(None, "/v1/models?limit=5", "GET"),
     ["query", "  recorded: limit=20", "  yours:    limit=5"]),
    (post(None, "/v1/models", "GET"), post(None, "/v1/models?limit=5", "GET"),
     ["query: only in the request: limit=5"]),
    (TOOLS, post(body(tools=[WIDER])),
     ["tools[0].input_schema.properties.limit: only in the request: "
      '{"default": 5, "type": "integer"}']),
    (TOOLS, post(body(tools=[OPTIONAL])),
     ['tools[0].input_schema.required[0]: only in the recording: query']),
    (TOOLS, post(body(tools=[{"name": "clock"}, SEARCH])),
     ['tools[0]: only in the request: {"name": "clock"}']),
    (post(body(tools=[SEARCH, {"name": "clock"}])), post(body(tools=[{"name": "clock"}, SEARCH])),
     ["tools", '  recorded: ["search", "clock"]', '  yours:    ["clock", "search"]']),
    (post(body(stream=True)), post(body()), ["stream: only in the recording: true"]),
    (post({"n": 1}), post({"n": 1.0}), ["n", "  recorded: 1", "  yours:    1.0"]),
    (post({"n": 1}), post({"n": True}), ["n", "  recorded: 1", "  yours:    true"]),
    (post(body("one\ntwo")), post(body("one two")),
     ["messages[0].content", "  recorded: 'one\\ntwo'", "  yours:    'one two'"]),
    (post(body(BLOCKS)), post(body(OTHER_BLOCKS)),
     ["messages[0].content[0].text, from character 121",
      "  recorded: …" + "a " * 10 + "fine day", "  yours:    …" + "a " * 10 + "cold day"]),
    (post("--b1\nfile"), post("--b2\nfile"),
     ["body", "  recorded: --b1 file", "  yours:    --b2 file"]),
    (post(body(output_config={"format": {"schema": {"properties": {"a": {"type": "string"}}}}})),
     post(body(output_config={"format": {"schema": {"properties": {"a": {"type": "number"}}}}})),
     ["output_config.format.schema.properties.a.type", "  recorded: string", "  yours:    number"]),
])  # fmt: skip
def test_the_place_and_both_values_are_named(recorded, yours, lines):
    assert shown(recorded, yours) == lines
    assert shown(recorded, recorded) == []


def test_the_prompt_comes_before_the_messages_that_follow_from_it():
    changed = {**body("later"), "system": "two"}
    places = [c.place for c in differences(post({**body("early"), "system": "one"}), post(changed))]
    assert places == ["system", "messages[0].content"]


def test_a_tool_with_one_more_field_is_not_called_by_its_name_alone(tmp_path):
    said = miss(tmp_path, TOOLS, **body(tools=[WIDER]))
    assert (
        "tools[0].input_schema.properties.limit: only in the request: "
        '{"default": 5, "type": "integer"}' in said
    )
    assert "It asks for" not in said and "has the same words" in said
    assert "No recorded reply can be read into other fields, tools or endpoints." in said
    assert "normalize_request=" not in said


def test_a_miss_says_how_what_may_differ_is_said(tmp_path):
    assert miss(tmp_path, post(body("run 1")), **body("run 2")).endswith(
        "If it may differ from run to run, as an id or a time: normalize_request=."
    )


def test_a_long_list_of_differences_is_cut(tmp_path):
    turns = [
        {"role": role, "content": f"{role} {n}"} for n in range(4) for role in ("user", "assistant")
    ]
    other = [{**turn, "content": f"{turn['content']}!"} for turn in turns]
    said = miss(tmp_path, post({**body(), "messages": turns}), **{**body(), "messages": other})
    assert "messages[0].content" in said and "messages[2].content" in said
    assert "messages[3]" not in said and "  and 5 more" in said


def test_the_sdk_is_named_only_where_it_is_another(tmp_path):
    assert "recorded with" not in miss(tmp_path, post(body()), **body("ho"))
    client = connect(**kept(tmp_path, post(body()), sdk="anthropic 0.42.0"))
    with pytest.raises(MissingRecording) as caught:
        run(client.messages.create(**body("ho")))
    this = f"anthropic {anthropic.__version__}"
    assert f"It was recorded with anthropic 0.42.0; this is {this}." in str(caught.value)


def test_two_long_texts_that_have_nothing_in_common_are_not_alike():
    chance = random.Random(1)
    words, weights = [f"word{i}" for i in range(800)], [1 / (i + 1) for i in range(800)]
    for length in (400, 700, 1900, 2100, 9000):
        one, other = (tuple(chance.choices(words, weights, k=length)) for _ in "ab")
        assert likeness(one, other) < 0.2, length
        edited = [word if n % 50 else "another" for n, word in enumerate(one)]
        assert 0.85 < likeness(one, tuple(edited)) < 1, length
        assert likeness(one, one) == 1


@pytest.mark.parametrize("repeated", [False, True])
def test_a_miss_among_a_thousand_long_requests_is_soon_explained(repeated):
    chance = random.Random(1)
    words, weights = [f"word{i}" for i in range(800)], [1 / (i + 1) for i in range(800)]

    def text():
        return " ".join(["no"] * 2000 if repeated else chance.choices(words, weights, k=2000))

    recorded = [Exchange("", post(body(f"{n} {text()} {n}")), Reply()) for n in range(1000)]
    wanted = recorded[700].request["body"]["messages"][0]["content"]
    began = time.thread_time()  # not the clock: it goes on while others use the machine
    closest, alike = nearest(recorded, post(body(wanted.replace("700 ", "today ", 1))), "")
    # 0.3 s where this was written, and 39 s when every request was compared word by word
    assert time.thread_time() - began < 2
    assert closest is recorded[700] and alike > 0.99


def test_a_retry_of_the_sdk_that_finds_nothing_is_not_the_codes_doing(tmp_path):
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    exchange = Exchange("", post(body()), Reply(529, 0.0, {}, error))
    Recording("desk", exchanges=[exchange]).save(tmp_path / "desk.yaml")
    client = connect("desk", folder=tmp_path, strict=True)
    with pytest.raises(MissingRecording) as caught:
        run(client.messages.create(**body()))
    said = str(caught.value)
    assert "was answered with 529, so the SDK asked again by itself, for the 1st time" in said
    assert "give the client the same max_retries" in said and "Ask less often" not in said


def without_run(request):
    text = request["body"]["messages"][0]["content"]
    request["body"]["messages"][0]["content"] = re.sub("[abc] in run [0-9a-f-]{36}", "ID", text)
    return request


def votes(client):
    texts = []
    with client:
        for voter in "abc":
            message = client.messages.create(**body(f"vote {voter} in run {uuid.uuid4()}"))
            texts.append(message.content[-1].text)
    return texts


@pytest.mark.slow
def test_what_may_differ_is_matched_and_recorded_as_one_and_sent_as_it_is(
    tmp_path, stand_in, monkeypatch
):
    # an answer to what is really sent
    entries = [
        {
            "when": {"user": f"vote {voter} in run"},
            "replies": [{"text": f"for {voter}", "seconds": 0}],
        }
        for voter in "abc"
    ]
    asked = dict(folder=tmp_path, sync=True, normalize_request=without_run)
    answers = ["for a", "for b", "for c"]
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    with stand_in(entries=entries) as url:
        for mode in ("live", "record"):
            assert votes(connect("desk", mode=mode, base_url=url, **asked)) == answers
        finish_all()
    recorded = [
        exchange.request["body"]["messages"][0]["content"]
        for exchange in load(tmp_path / "desk.yaml").exchanges
    ]
    assert recorded == ["vote ID"] * 3
    for _ in range(2):
        assert votes(connect("desk", strict=True, **asked)) == answers


def test_a_recording_from_before_is_matched_in_the_same_way(tmp_path):
    old = [post(body(f"vote a in run {uuid.uuid4()}")) for _ in range(2)]
    client = connect(**kept(tmp_path, *old), normalize_request=without_run, sync=True)
    with pytest.raises(MissingRecording, match="asked the same thing 3 times"):
        votes(client)


def test_a_recording_is_changed_once_by_a_function_and_anew_by_another(tmp_path):
    asked = []

    def kept_as(word):
        def function(request):
            asked.append(word)
            return {**request, "body": word}

        return function

    one, two = kept_as("one"), kept_as("two")
    where = kept(tmp_path, post(body("a")), post(body("b")))
    for function in (one, one, two, one):
        connect(**where, normalize_request=function, sync=True).messages.create(**body("c"))
    # twice for the recording, unless it was so before, then for the request
    assert "".join(word[0] for word in asked) == "ooo" + "o" + "ttt" + "ooo"


@pytest.mark.parametrize(("function", "words"), [
    (lambda request: None, "must return the request that it was given, changed"),
    (lambda request: {"body": 1}, "must return the request that it was given, changed"),
    (lambda request: request["nothing"], "normalize_request failed: KeyError: 'nothing'"),
])  # fmt: skip
@pytest.mark.parametrize("mode", ["replay", "record"])
def test_a_function_that_returns_no_request_is_said_at_once(
    tmp_path, monkeypatch, function, words, mode
):
    where = kept(tmp_path, post(body()))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    real = {"base_url": "http://127.0.0.1:9"}
    with pytest.raises(anthropic.AnthropicError, match=words) as caught:
        client = connect(**where, mode=mode, normalize_request=function, sync=True, **real)
        client.messages.create(**body())
    assert type(caught.value) is anthropic.AnthropicError
    finish_all()


def test_the_first_change_is_in_the_note_of_a_reply_that_was_played_all_the_same(tmp_path, capsys):
    where = {**kept(tmp_path, post(body("in run 1"))), "strict": False}
    run(connect(**where).messages.create(**body("in run 2")))
    assert "(changed: message 1; recorded 'in run 1', yours 'in run 2')" in capsys.readouterr().err
