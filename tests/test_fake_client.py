"""fake_client sends what the API would: thinking first, streams, counts; and says what it does not
answer.
"""

import asyncio

import anthropic
import pytest
from pydantic import BaseModel

from mas_helpers import HAIKU, fake_client, run, text_of, trace
from mas_helpers.bench import NoReply

ASKED = {"model": HAIKU, "max_tokens": 99, "messages": [{"role": "user", "content": "Hello"}]}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "search", "input": {"query": "lamp ü", "n": 3}}


def kinds(message):
    return [block.type for block in message.content]


def test_a_text_comes_behind_a_thinking_block_as_from_current_models():
    client = fake_client(lambda body: "Good.", sync=True)
    message = client.messages.create(**ASKED)
    assert kinds(message) == ["thinking", "text"] and text_of(message) == "Good."
    with pytest.raises(AttributeError):
        _ = message.content[0].text


@pytest.mark.parametrize("mode", ["disabled", "between_tools"])
def test_without_thinking_the_text_is_first(mode):
    client = fake_client(lambda body: "Good.", sync=True)
    assert kinds(client.messages.create(**ASKED, thinking={"type": mode})) == ["text"]
    assert kinds(client.messages.create(**ASKED, thinking={"type": "adaptive"}))[0] == "thinking"
    plain = fake_client(lambda body: "Good.", sync=True, thinking=False)
    assert kinds(plain.messages.create(**ASKED)) == ["text"]


def test_a_dict_is_the_message_as_it_is():
    client = fake_client(lambda body: {"content": [{"type": "text", "text": "Good."}]}, sync=True)
    assert kinds(client.messages.create(**ASKED)) == ["text"]


def test_a_text_streams_word_by_word_over_its_seconds():
    answer = {"content": [{"type": "text", "text": "One  two\nthree."}], "seconds": 6.0}
    client = fake_client(lambda body: answer)

    async def main():
        clock, came = asyncio.get_running_loop().time, []
        async with client.messages.stream(**ASKED) as stream:
            async for text in stream.text_stream:
                came.append((clock(), text))
            return came, await stream.get_final_message()

    with trace() as t:
        came, message = run(main())
    # of the eight events, three are words
    assert came == [(2.25, "One  "), (3.0, "two\n"), (3.75, "three.")]
    assert text_of(message) == "One  two\nthree." and t.seconds == 6.0


def test_every_kind_of_block_is_the_same_streamed_and_whole():
    cited = {
        "type": "char_location", "cited_text": "x", "document_index": 0, "document_title": None,
        "start_char_index": 0, "end_char_index": 1, "file_id": None,
    }  # fmt: skip
    content = [
        {"type": "thinking", "thinking": "So.", "signature": "abc"},
        {"type": "redacted_thinking", "data": "abc"},
        {"type": "text", "text": "Look: ", "citations": [cited]},
        {"type": "text", "text": ""},
        CALL,
    ]
    usage = {"input_tokens": 10, "output_tokens": 7, "cache_read_input_tokens": 3}
    answer = {"content": content, "stop_reason": "tool_use", "usage": usage}
    client = fake_client(lambda body: answer, sync=True)
    whole = client.messages.create(**ASKED)
    for messages in (client.messages, client.beta.messages):
        with messages.stream(**ASKED) as stream:
            streamed = stream.get_final_message()
        assert [block.to_dict() for block in streamed.content][4] == CALL
        for one, other in zip(streamed.content, whole.content, strict=True):
            assert one.model_dump(exclude_none=True, exclude={"parsed_output"}) == (
                other.model_dump(exclude_none=True)
            )
        assert streamed.stop_reason == "tool_use"
        assert streamed.usage.to_dict() == usage


def test_raw_events_are_those_of_the_api():
    client = fake_client(lambda body: "Good.", sync=True)
    names = [event.type for event in client.messages.create(**ASKED, stream=True)]
    assert names == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_a_streamed_refusal_and_an_error_are_what_they_are():
    refused = {"content": [], "stop_reason": "refusal", "stop_details": {"category": "cyber"}}
    with fake_client(lambda body: refused, sync=True).messages.stream(**ASKED) as stream:
        message = stream.get_final_message()
    assert message.stop_reason == "refusal" and message.stop_details.category == "cyber"
    error = {"status": 529, "error": {"type": "overloaded_error", "message": "Overloaded"}}
    client = fake_client(lambda body: error, sync=True, max_retries=0)
    with pytest.raises(anthropic.InternalServerError):
        client.messages.create(**ASKED, stream=True)


def test_a_typed_reply_comes_through_a_stream_too():
    class Verdict(BaseModel):
        label: str

    client = fake_client(lambda body: '{"label": "ship it"}', sync=True)
    assert client.messages.parse(**ASKED, output_format=Verdict).parsed_output.label == "ship it"
    with client.messages.stream(**ASKED, output_format=Verdict) as stream:
        assert stream.get_final_message().parsed_output.label == "ship it"


@pytest.mark.parametrize(("more", "count"), [
    ({"messages": [{"role": "user", "content": "a" * 33}]}, 10),
    ({"messages": [{"role": "user", "content": "a" * 34}]}, 11),
    ({"messages": [{"role": "user", "content": [{"type": "text", "text": "a" * 33}]}],
      "system": "b" * 33}, 20),
    ({"messages": [{"role": "user", "content": [{"type": "image", "source":
        {"type": "base64", "media_type": "image/png", "data": "A" * 9000}}]}]}, 0),
    ({"messages": [], "tools": [{"name": "t" * 19}]}, 10),
])  # fmt: skip
def test_tokens_are_counted_by_characters(more, count):
    client = fake_client(lambda body: "", sync=True)
    assert client.messages.count_tokens(model=HAIKU, **more).input_tokens == count
    assert client.beta.messages.count_tokens(model=HAIKU, **more).input_tokens == count


@pytest.mark.parametrize(("ask", "what"), [
    (lambda c: c.models.list(), "GET /v1/models"),
    (lambda c: c.messages.batches.create(requests=[]), "POST /v1/messages/batches"),
    (lambda c: c.beta.files.upload(file=b"x"), "POST /v1/files"),
])  # fmt: skip
def test_what_it_does_not_answer_it_says(ask, what):
    asked = []
    client = fake_client(lambda body: asked.append(body) or "", sync=True)
    words = "fake_client answers POST /v1/messages and /v1/messages/count_tokens only"
    with pytest.raises(NoReply, match=words) as caught:
        ask(client)
    assert f"this was {what}." in str(caught.value) and asked == []


def test_the_function_may_wait_for_something():
    async def answer(body):
        await asyncio.sleep(2.5)
        return "Good."

    with trace() as t:
        assert text_of(run(fake_client(answer).messages.create(**ASKED))) == "Good."
    assert t.seconds == 2.5
    with pytest.raises(NoReply, match="write a plain `def`, or leave sync=True out"):
        fake_client(answer, sync=True).messages.create(**ASKED)


def test_an_error_while_the_function_waits_is_said_once():
    asked = []

    async def answer(body):
        asked.append(body)
        raise KeyError("weather")

    with pytest.raises(NoReply, match="KeyError: 'weather'"):
        run(fake_client(answer).messages.create(**ASKED))
    assert len(asked) == 1


@pytest.mark.parametrize("wrong", [None, 3, ["a text"]])
@pytest.mark.parametrize("sync", [True, False])
def test_an_answer_that_is_no_answer_is_said(wrong, sync):
    client = fake_client(lambda body: wrong, sync=sync)
    with pytest.raises(NoReply, match=f"returned {type(wrong).__name__}; it must return the text"):
        done = client.messages.create(**ASKED)
        run(done)


@pytest.mark.parametrize("content", ["a text", None, [None]])
def test_content_that_is_no_list_of_blocks_cannot_be_streamed(content):
    client = fake_client(lambda body: {"content": content}, sync=True)
    with pytest.raises(NoReply, match="Only a list of blocks can be streamed"):
        client.messages.create(**ASKED, stream=True)


def test_the_tool_runner_works_with_it_streamed_or_not():
    asked = []

    @anthropic.beta_tool
    def search(query: str, n: int) -> str:
        """Searches."""
        asked.append((query, n))
        return "found"

    def answer(body):
        called = {"content": [CALL], "stop_reason": "tool_use"}
        return called if len(body["messages"]) == 1 else "Done."

    client = fake_client(answer, sync=True)
    runner = client.beta.messages.tool_runner(**ASKED, tools=[search], thread=False)
    assert runner.until_done().content[-1].text == "Done."
    streamed = client.beta.messages.tool_runner(**ASKED, tools=[search], thread=False, stream=True)
    texts = [stream.get_final_message().content[-1] for stream in streamed]
    assert texts[-1].text == "Done." and asked == [("lamp ü", 3)] * 2
