"""The tool loop: what is sent, what runs at once, what goes back when a tool fails, and where it
ends.
"""

import asyncio
import json
import pickle
import threading
from typing import Literal

import anthropic
import pytest
from anthropic.lib.tools import ToolError
from pydantic import BaseModel

from mas_helpers import HAIKU, Agent, ReplyRefused, ReplyTruncated, fake_client, run, trace
from mas_helpers.agents.tools import MaxStepsExceeded, ToolAgent, toolbox
from mas_helpers.bench import MissingRecording

# that an author hears of a tool that broke is tested in test_hand_made_faults.py
pytestmark = pytest.mark.filterwarnings("ignore::mas_helpers.agents.tools.ToolWarning")


def use(name, id=1, /, **arguments):
    return {"type": "tool_use", "id": f"toolu_{id}", "name": name, "input": arguments}


def asks(*calls, seconds=0.0):
    return {"content": list(calls), "stop_reason": "tool_use", "seconds": seconds}


def done(text="done", **fields):
    return {"content": [{"type": "text", "text": text}], **fields}


def agent(replies, *tools, sent=None, **options):
    """An agent whose model gives these replies in turn; `sent` collects the requests' bodies."""
    left = list(replies)

    def answer(body):
        if sent is not None:
            sent.append(json.loads(json.dumps(body)))
        return left.pop(0) if len(left) > 1 else left[0]

    return ToolAgent(
        "clerk",
        HAIKU,
        "You work.",
        client=fake_client(answer, max_retries=0),
        tools=tools,
        **options,
    )


def results(sent):
    """The tool results of the last request."""
    return sent[-1]["messages"][-1]["content"]


def double(number: int) -> str:
    """Twice the number.

    Args:
        number: any whole number
    """
    return str(2 * number)


async def wait(seconds: float, name: str) -> str:
    """Waits."""
    await asyncio.sleep(seconds)
    return name


def test_the_schema_comes_from_signature_and_docstring():
    sent = []
    run(agent([done()], double, sent=sent).run("Go."))
    (tool,) = sent[0]["tools"]
    assert tool["name"] == "double" and tool["description"] == "Twice the number."
    assert tool["input_schema"]["properties"]["number"]["type"] == "integer"
    assert tool["input_schema"]["properties"]["number"]["description"] == "any whole number"
    assert tool["input_schema"]["required"] == ["number"]


def test_the_result_goes_back_and_the_last_text_is_the_answer():
    sent = []
    assert (
        run(
            agent([asks(use("double", number=21)), done("42")], double, sent=sent).run("Double 21.")
        )
        == "42"
    )
    first, asked, answered = sent[1]["messages"]
    assert first == {"role": "user", "content": "Double 21."}
    assert asked["role"] == "assistant" and asked["content"][0]["input"] == {"number": 21}
    assert answered == {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "42"}],
    }


def test_the_thinking_block_goes_back_as_it_came():
    thought = {"type": "thinking", "thinking": "", "signature": "abc"}
    sent = []
    first = {"content": [thought, use("double", number=1)], "stop_reason": "tool_use"}
    run(agent([first, done()], double, sent=sent).run("Go."))
    assert sent[1]["messages"][1]["content"][0] == thought


def test_tools_of_one_turn_run_at_once_and_answer_in_the_order_asked():
    sent = []
    calls = [use("wait", n, seconds=s, name=f"t{n}") for n, s in enumerate([3.0, 1.0, 2.0])]
    with trace() as t:
        run(
            agent([asks(*calls, seconds=1.0), done(seconds=1.0)], wait, sent=sent).run("Go."),
            clock="virtual",
        )
    assert t.seconds == 1.0 + 3.0 + 1.0
    assert [result["content"] for result in results(sent)] == ["t0", "t1", "t2"]


def test_a_plain_function_that_blocks_holds_up_nobody_else():
    def blocking() -> str:
        """Waits until four of it run at once."""
        all_there.wait()
        return "done"

    async def both():
        calls = [use("blocking", n) for n in range(2)]
        return await asyncio.gather(
            *(agent([asks(*calls), done()], blocking).run("Go.") for _ in range(2))
        )

    all_there = threading.Barrier(4, timeout=600)
    assert len(run(both(), clock="real")) == 2 and not all_there.broken


def broken() -> str:
    """Fails."""
    raise OSError("/home/someone/secret.txt is gone")


def picky() -> str:
    """Fails in words for the model."""
    raise ToolError("Ask for less.")


def choose(colour: Literal["red", "blue"], shade: int = 1) -> str:
    """Picks."""
    return colour


def invalid() -> str:
    """Has a validation error of its own inside."""
    return Colour.model_validate({"name": 3}).name


def shop():
    def order(item: str, count: int) -> str:
        """Orders; defined inside another function, as tools over a folder are."""
        return item

    return order


class Colour(BaseModel):
    name: str


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (use("picky"), "Ask for less."),
        (use("broken"), "broken is broken: OSError. Do without it."),
        (use("invalid"), "invalid is broken: ValueError"),
        (
            use("dubble", number=2),
            "There is no tool 'dubble'. There are: picky, broken, choose, invalid, order, double.",
        ),
        (use("choose", colour="green"), "Wrong arguments. colour: Input should be 'red' or 'blue'"),
        (use("choose"), "Wrong arguments. colour: Missing required argument"),
        (use("choose", colour="red", size=3), "Wrong arguments. size: Unexpected keyword argument"),
        (
            use("choose", colour="red", shade="dark"),
            "Wrong arguments. shade: Input should be a valid integer",
        ),
        (use("double", number=None), "Wrong arguments. number: "),
        (use("order", item="tea"), "Wrong arguments. count: Missing required argument."),
    ],
)
def test_what_goes_wrong_goes_back_marked_as_an_error(call, said):
    sent = []
    run(
        agent([asks(call), done()], picky, broken, choose, invalid, shop(), double, sent=sent).run(
            "Go."
        )
    )
    (result,) = results(sent)
    assert result["is_error"] is True and result["tool_use_id"] == "toolu_1"
    assert said in result["content"]
    assert "/home" not in result["content"]


def test_one_broken_tool_does_not_hide_the_results_of_the_others():
    sent = []
    run(
        agent(
            [asks(use("broken", 1), use("double", 2, number=4)), done()], broken, double, sent=sent
        ).run("Go.")
    )
    assert [(r["tool_use_id"], r.get("is_error", False)) for r in results(sent)] == [
        ("toolu_1", True),
        ("toolu_2", False),
    ]


def test_a_tool_may_return_any_json():
    def rows() -> list[dict[str, int]]:
        """Rows."""
        return [{"ü": 1}]

    sent = []
    run(agent([asks(use("rows")), done()], rows, sent=sent).run("Go."))
    assert results(sent)[0]["content"] == '[{"ü": 1}]'


def test_a_tool_that_returns_something_else_is_broken():
    def odd() -> object:
        """Returns what is no JSON."""
        return object()

    sent = []
    run(agent([asks(use("odd")), done()], odd, sent=sent).run("Go."))
    assert (
        results(sent)[0]["is_error"] and "odd is broken: TypeError" in results(sent)[0]["content"]
    )


@pytest.mark.parametrize("max_steps", [1, 2, 3])
def test_the_last_step_is_followed_by_an_error_that_carries_the_conversation(max_steps):
    sent, used = [], []

    def count() -> str:
        """Counts."""
        used.append(1)
        return "more"

    with pytest.raises(MaxStepsExceeded) as ended:
        run(agent([asks(use("count"))], count, sent=sent, max_steps=max_steps).run("Go."))
    # a result that nobody would read is not fetched
    assert len(sent) == max_steps and len(used) == max_steps - 1
    assert len(ended.value.messages) == 2 * max_steps
    assert ended.value.messages[0] == {"role": "user", "content": "Go."}
    assert ended.value.reply.stop_reason == "tool_use"
    steps = {1: "1 step", 2: "2 steps", 3: "3 steps"}[max_steps]
    assert str(ended.value) == f"clerk is not done: after {steps} it still asks for tools"
    assert str(pickle.loads(pickle.dumps(ended.value))) == str(ended.value)


def test_no_steps_at_all_are_a_mistake():
    with pytest.raises(ValueError, match="max_steps=0"):
        run(agent([done()], double, max_steps=0).run("Go."))


@pytest.mark.parametrize(
    ("last", "error"),
    [
        ({"stop_reason": "refusal"}, ReplyRefused),
        (done("half", stop_reason="max_tokens"), ReplyTruncated),
    ],
)
def test_a_reply_that_is_no_answer_is_an_error_in_any_step(last, error):
    with pytest.raises(error):
        run(agent([asks(use("double", number=1)), last], double).run("Go."))


def test_a_tool_call_that_is_cut_is_not_run():
    used = []

    def note(text: str) -> str:
        """Notes."""
        used.append(text)
        return "noted"

    cut = {"content": [use("note", text="ha")], "stop_reason": "max_tokens"}
    with pytest.raises(ReplyTruncated):
        run(agent([cut], note).run("Go."))
    assert used == []


def test_a_paused_turn_is_sent_again_as_it_is():
    sent = []
    assert (
        run(agent([done("a", stop_reason="pause_turn"), done("b")], double, sent=sent).run("Go."))
        == "ab"
    )
    assert [message["role"] for message in sent[1]["messages"]] == ["user", "assistant"]


def test_parse_goes_through_the_same_loop():
    sent = []
    colour = run(
        agent([asks(use("double", number=1)), done('{"name": "red"}')], double, sent=sent).parse(
            "Go.", Colour
        )
    )
    assert colour == Colour(name="red")
    assert all("format" in body["output_config"] for body in sent)


def test_two_tools_of_one_name_are_a_mistake():
    with pytest.raises(ValueError, match="two tools have the same name: double, double"):
        toolbox([double, double])


def test_a_missing_recording_inside_a_tool_is_not_told_to_the_model():
    async def ask() -> str:
        """Asks an agent."""
        raise MissingRecording("nothing recorded")

    with pytest.raises(MissingRecording):
        run(agent([asks(use("ask")), done()], ask).run("Go."))


@pytest.mark.parametrize(
    "reply", [{"stop_reason": "refusal"}, {"status": 500, "error": {"type": "api_error"}}]
)
def test_an_agent_may_be_the_tool_of_another_and_its_failure_is_a_tools_failure(reply):
    helper = Agent("helper", HAIKU, "", client=fake_client(lambda body: reply, max_retries=0))

    async def ask(question: str) -> str:
        """Asks the helper."""
        return await helper.run(question)

    sent = []
    run(agent([asks(use("ask", question="?")), done()], ask, sent=sent).run("Go."))
    assert results(sent)[0]["is_error"] and results(sent)[0]["content"].startswith(
        "ask is broken: "
    )


def test_the_trace_knows_which_tools_ran_with_what():
    with trace() as t:
        run(
            agent([asks(use("double", 1, number=2), use("broken", 2)), done()], double, broken).run(
                "Go."
            )
        )
    tools = [s for s in t.spans if s.attributes.get("gen_ai.operation.name") == "execute_tool"]
    assert [s.attributes["gen_ai.tool.name"] for s in tools] == ["double", "broken"]
    assert json.loads(tools[0].attributes["gen_ai.tool.call.arguments"]) == {"number": 2}
    assert [bool(s.events) for s in tools] == [False, True]
    assert {s.attributes["gen_ai.agent.name"] for s in tools} == {"clerk"}


def test_cancelling_the_agent_cancels_its_tools():
    async def stopped():
        async with asyncio.timeout(2.0):
            await agent([asks(use("wait", seconds=60.0, name="t")), done()], wait).run("Go.")

    with trace() as t, pytest.raises(TimeoutError):
        run(stopped(), clock="virtual")
    assert t.seconds == 2.0


def test_the_sdks_own_runner_takes_the_same_functions():
    """What the lesson shows: the same tools in turn, and silence where the steps end."""
    sent = []

    def answer(body):
        sent.append(body)
        return asks(use("wait", 1, seconds=1.0, name="a"), use("wait", 2, seconds=1.0, name="b"))

    client = fake_client(answer)

    async def main():
        runner = client.beta.messages.tool_runner(
            model=HAIKU, max_tokens=100, messages=[{"role": "user", "content": "Go."}],
            tools=[anthropic.beta_async_tool(wait)], max_iterations=2, thread=False,
        )  # fmt: skip
        return await runner.until_done()

    with trace() as t:
        last = run(main(), clock="virtual")
    assert last.stop_reason == "tool_use" and len(sent) == 2
    assert t.seconds >= 2.0
