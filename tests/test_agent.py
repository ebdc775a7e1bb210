"""One agent: the text, the typed object, and errors that carry the reply where there is no whole
answer.
"""

from typing import Literal

import pytest
from pydantic import BaseModel

from mas_helpers import (
    HAIKU,
    Agent,
    ReplyEmpty,
    ReplyError,
    ReplyMalformed,
    ReplyRefused,
    ReplyTruncated,
    fake_client,
    run,
    text_of,
    trace,
)


class Verdict(BaseModel):
    label: Literal["ship", "fix"]
    score: int


def agent(answer, **options):
    return Agent("judge", HAIKU, "You judge.", client=fake_client(lambda body: answer), **options)


def blocks(*texts, **more):
    return {
        "content": [
            {"type": "thinking", "thinking": "", "signature": "s"},
            *({"type": "text", "text": t} for t in texts),
        ],
        **more,
    }


def test_run_gives_the_text_behind_the_thinking_and_joins_its_blocks():
    assert run(agent(blocks("Hel", "lo")).run("hi")) == "Hello"


def test_what_is_sent_is_the_model_the_limit_the_system_prompt_and_one_user_message():
    sent = []
    client = fake_client(lambda body: sent.append(body) or "ok")
    run(Agent("judge", HAIKU, "You judge.", client=client, max_tokens=123).run("hi"))
    messages = [{"role": "user", "content": "hi"}]
    assert sent == [
        {"model": HAIKU, "max_tokens": 123, "system": "You judge.", "messages": messages}
    ]


def test_parse_sends_the_schema_and_gives_the_object():
    sent = []
    client = fake_client(lambda body: sent.append(body) or '{"label": "ship", "score": 7}')
    assert run(Agent("judge", HAIKU, "You judge.", client=client).parse("hi", Verdict)) == Verdict(
        label="ship", score=7
    )
    assert sent[0]["output_config"]["format"]["schema"]["required"] == ["label", "score"]


CUT = blocks(
    '{"label": "sh', stop_reason="max_tokens", usage={"input_tokens": 9, "output_tokens": 50}
)


@pytest.mark.parametrize("way", ["run", "parse"])
@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (CUT, ReplyTruncated, "judge was cut off: max_tokens after 50 tokens"),
        (
            blocks("half", stop_reason="model_context_window_exceeded"),
            ReplyTruncated,
            "model_context_window_exceeded",
        ),
        ({"stop_reason": "refusal"}, ReplyRefused, "judge refused"),
        (blocks("I will not.", stop_reason="refusal"), ReplyRefused, "judge refused"),
        (blocks(), ReplyEmpty, "judge sent no text: stop_reason is end_turn"),
        (blocks(" \n"), ReplyEmpty, "judge sent no text"),
    ],
)
def test_a_reply_that_is_no_answer_is_an_error_that_carries_it(way, answer, error, words):
    ask = agent(answer).run("hi") if way == "run" else agent(answer).parse("hi", Verdict)
    with pytest.raises(error) as caught:
        run(ask)
    assert words in str(caught.value)
    assert isinstance(caught.value, ReplyError)
    assert caught.value.reply.stop_reason == answer.get("stop_reason", "end_turn")
    assert caught.value.reply.usage is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ship it!", "the JSON: Invalid JSON"),
        ('{"label": "maybe", "score": 1}', "label: Input should be 'ship' or 'fix'"),
        ('{"label": "ship"}', "score: Field required"),
    ],
)
def test_a_malformed_object_is_an_error_that_carries_the_reply(text, words):
    with pytest.raises(ReplyMalformed) as caught:
        run(agent(text).parse("hi", Verdict))
    assert words in str(caught.value)
    assert text_of(caught.value.reply) == text


def test_an_agents_calls_carry_its_name_in_the_trace_also_when_they_fail():
    with trace() as t:
        run(agent("fine").run("hi"))
        with pytest.raises(ReplyRefused):
            run(agent({"stop_reason": "refusal"}).run("hi"))
    assert [(call.agent, call.stop_reason) for call in t.calls] == [
        ("judge", "end_turn"),
        ("judge", "refusal"),
    ]
    assert [span.name for span in t.spans if span.name.startswith("invoke_agent")] == [
        "invoke_agent judge"
    ] * 2


def test_the_repr_of_an_agent_shows_no_client():
    assert (
        repr(agent("x"))
        == f"Agent(name='judge', model='{HAIKU}', system='You judge.', max_tokens=4000)"
    )


def test_an_error_survives_a_pickle():
    import pickle

    with pytest.raises(ReplyRefused) as caught:
        run(agent({"stop_reason": "refusal"}).run("hi"))
    assert str(pickle.loads(pickle.dumps(caught.value))) == "judge refused"
