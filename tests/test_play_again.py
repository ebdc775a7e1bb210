"""A recorded run, played again: the same answers in the same seconds, and what else is asked."""

import asyncio
import json
import warnings

import pytest

from mas_helpers import HAIKU, Agent, Fault, ToolAgent, fake_client, run, text_of, trace
from mas_helpers.agents import ToolWarning
from mas_helpers.bench import NoReply, play_again
from mas_helpers.pictures import tool_table


def model(body):
    words = f"{body['system']} says {body['messages'][0]['content']}"
    seconds = 2.0 if body["system"] == "one" else 3.0
    usage = {"input_tokens": 30, "output_tokens": 4}
    return {"content": [{"type": "text", "text": words}], "seconds": seconds, "usage": usage}


async def both(client):
    one, two = (Agent(name, HAIKU, name, client=client) for name in ("one", "two"))
    first = await asyncio.gather(one.run("a"), two.run("b"))
    return [*first, await one.run("c")]


@pytest.fixture
def recorded():
    with trace() as t:
        t.answers = run(both(fake_client(model)), clock="virtual")
    return t


def test_the_same_run_is_the_same_answers_seconds_and_tokens(recorded):
    with trace() as again:
        answers = run(both(fake_client(play_again(recorded))), clock="virtual")
    assert answers == recorded.answers == ["one says a", "two says b", "one says c"]
    assert again.seconds == recorded.seconds == 5.0
    told = [
        (c.agent, c.system, c.start, c.end, c.input_tokens, c.output_tokens) for c in again.calls
    ]
    assert told == [
        (c.agent, c.system, c.start, c.end, c.input_tokens, c.output_tokens) for c in recorded.calls
    ]
    assert [call.system for call in again.calls] == ["one", "two", "one"]


def test_a_new_prompt_gets_the_last_answer_and_a_new_agent_none(recorded):
    client = fake_client(play_again(recorded), max_retries=0)
    assert run(Agent("x", HAIKU, "one", client=client).run("new"), clock="virtual") == "one says c"
    with pytest.raises(NoReply):
        run(Agent("x", HAIKU, "three", client=client).run("a"), clock="virtual")


def test_several_runs_are_played_as_one(recorded):
    with trace() as another:
        run(Agent("x", HAIKU, "three", client=fake_client(model)).run("a"), clock="virtual")
    client = fake_client(play_again(recorded, another))
    said = [
        run(Agent("x", HAIKU, name, client=client).run("a"), clock="virtual")
        for name in ("one", "three")
    ]
    assert said == ["one says a", "three says a"]


def test_faults_are_put_on_top_of_it(recorded):
    client = fake_client(play_again(recorded), faults=[Fault("slow", agent="two", seconds=7.0)])
    with trace() as again:
        run(both(client), clock="virtual")
    assert again.seconds == 3.0 + 7.0 + 2.0


def test_a_call_that_failed_is_not_played(recorded):
    with trace() as broken:
        client = fake_client(model, faults=[Fault("overloaded", agent="one")], max_retries=0)
        one, two = (Agent(name, HAIKU, name, client=client) for name in ("one", "two"))
        run(asyncio.wait_for(_either(one, two), 60), clock="virtual")
    client = fake_client(play_again(broken), max_retries=0)
    assert run(Agent("two", HAIKU, "two", client=client).run("b"), clock="virtual") == "two says b"
    with pytest.raises(NoReply):
        run(Agent("one", HAIKU, "one", client=client).run("a"), clock="virtual")


async def _either(one, two):
    return await asyncio.gather(one.run("a"), two.run("b"), return_exceptions=True)


async def look(name: str) -> str:
    """What is there."""
    await asyncio.sleep(0.5)
    if name == "key":
        raise OSError("/srv/key")
    return f"a {name}"


def steps(body):
    asked = [block for m in body["messages"] for block in m["content"] if isinstance(block, dict)]
    if not any(block.get("type") == "tool_result" for block in asked):
        calls = [
            {"type": "tool_use", "id": f"t{n}", "name": "look", "input": {"name": name}}
            for n, name in enumerate(["lake", "key"])
        ]
        return {"content": calls, "stop_reason": "tool_use", "seconds": 1.0}
    return {"content": [{"type": "text", "text": "A lake."}], "seconds": 2.0}


def test_the_steps_of_a_tool_loop_are_one_answer_and_the_table_shows_what_they_asked_for():
    def finder(client):
        return ToolAgent("finder", HAIKU, "You look.", client=client, tools=[look])

    with trace() as looked, pytest.warns(ToolWarning, match="look broke"):
        assert run(finder(fake_client(steps)).run("What is there?"), clock="virtual") == "A lake."
    with trace() as again, warnings.catch_warnings():
        warnings.simplefilter("ignore", ToolWarning)
        answer = run(finder(fake_client(play_again(looked))).run("What is there?"), clock="virtual")
    assert answer == "A lake." and len(again.calls) == 1
    assert again.seconds == looked.seconds == 3.5
    shown = str(tool_table(looked)).splitlines()
    assert shown[0].split() == ["tool", "arguments", "error"]
    assert shown[2].split(maxsplit=1) == ["look", json.dumps({"name": "key"}) + "   /srv/key"]
    assert shown[3].split(maxsplit=1)[1].strip() == json.dumps({"name": "lake"})


@pytest.mark.parametrize(
    ("room", "text", "stop_reason", "tokens"),
    [
        (1000, "one says a", "end_turn", 20),
        (20, "one says a", "end_turn", 20),
        (19, "one says", "max_tokens", 19),
        (10, "", "max_tokens", 10),
        (4, "", "max_tokens", 4),
    ],
)
def test_an_answer_is_cut_where_max_tokens_ends_and_thinking_comes_first(
    room, text, stop_reason, tokens
):
    def thinks(body):
        usage = {"input_tokens": 3, "output_tokens": 20}
        usage["output_tokens_details"] = {"thinking_tokens": 10}
        return model(body) | {"usage": usage}

    async def ask(client, room):
        messages = [{"role": "user", "content": "a"}]
        request = {"model": HAIKU, "system": "one", "messages": messages}
        return await client.messages.create(max_tokens=room, **request)

    with trace() as recorded:
        run(ask(fake_client(thinks), 1000), clock="virtual")
    with trace() as again:
        reply = run(ask(fake_client(play_again(recorded)), room), clock="virtual")
    assert text_of(reply).strip() == text and reply.stop_reason == stop_reason
    assert reply.usage.output_tokens == tokens and reply.content[0].type == "thinking"
    assert again.seconds == 2.0 * tokens / 20
