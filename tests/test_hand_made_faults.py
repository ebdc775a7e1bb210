"""Failures made by hand, each in every system that it can occur in: one named gap, the siblings
kept, what is paid for within reach, never a hang, never silence.
"""

import asyncio
import functools
import json
import warnings

import anthropic
import httpx2
import pytest
from anthropic.lib.tools import ToolError
from anthropic.types import ToolUseBlock
from pydantic import BaseModel

from mas_helpers import (
    HAIKU,
    Agent,
    Fault,
    RetryOnce,
    ToolAgent,
    aggregate,
    coordinate,
    fake_client,
    fan_out,
    orchestrate,
    route,
    run,
    run_pipeline,
)
from mas_helpers import agents as room
from mas_helpers.agents import Fact, Notes, Research, outcome_of, with_deadline
from mas_helpers.bench import run_trial
from mas_helpers.bench.recordings import Reply
from mas_helpers.bench.transports.faulty import FaultTransport
from mas_helpers.bench.transports.replay import ReplyTransport

JSON = {"content-type": "application/json"}
USAGE = {"input_tokens": 1000, "output_tokens": 100}
TOOL = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}


def text(words, seconds=1.0, **fields):
    return {
        "content": [{"type": "text", "text": words}],
        "usage": USAGE,
        "seconds": seconds,
        **fields,
    }


def plan_for(kinds):
    subtasks = [{"kind": kind, "task": f"the task of {kind}", "needs": []} for kind in kinds]
    return json.dumps({"subtasks": subtasks})


def agent(name, answer, **options):
    """An agent whose model is a function, or says always the same."""
    model = answer if callable(answer) else lambda body: answer
    return Agent(name, HAIKU, name, client=fake_client(model, **options))


class Always(ReplyTransport):
    """Answers each request with the same reply."""

    def __init__(self, reply):
        self.reply = reply

    def reply_to(self, request, retries):
        return self.reply


def always(reply, *faults):
    transport = FaultTransport(Always(reply), faults)
    http_client = anthropic.DefaultAsyncHttpxClient(transport=transport)
    return anthropic.AsyncAnthropic(api_key="replay", http_client=http_client)


def raw(name, body, content_type="application/json"):
    """An agent that always gets these bytes with status 200."""
    reply = Reply(200, 1.0, {"content-type": content_type}, text=body)
    client = always(reply)
    return Agent(name, HAIKU, name, client=client)


def shape(name, body):
    """An agent that always gets this JSON with status 200."""
    reply = Reply(200, 1.0, JSON, body)
    client = always(reply)
    return Agent(name, HAIKU, name, client=client)


def message(**fields):
    whole = {
        "id": "m", "type": "message", "role": "assistant", "model": HAIKU,
        "content": [{"type": "text", "text": "x"}], "stop_reason": "end_turn",
        "stop_sequence": None, "usage": USAGE,
    }  # fmt: skip
    return whole | fields


class Worker:
    """A worker that is no Agent: it has a name, and `run` is a coroutine function."""

    def __init__(self, name, work):
        self.name, self.work = name, work

    async def run(self, prompt):
        return await self.work()

    async def parse(self, prompt, output_type):
        return await self.work()


async def cancels_itself():
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    return await future


async def next_of_nothing():
    return next(iter([]))


async def anext_of_nothing():
    async def nothing():
        return
        yield

    return await anext(nothing())


def raises(error):
    async def work():
        raise error

    return work


def gives(value):
    async def work():
        return value

    return work


def overloaded(name):
    body = {"status": 529, "error": {"type": "overloaded_error", "message": "busy"}}
    return agent(name, body, max_retries=0)


async def team_under_529():
    return await fan_out({name: overloaded(name).run("?") for name in "xy"})


async def a_group_in_a_group():
    async with asyncio.TaskGroup() as group:
        group.create_task(team_under_529())


def orchestrated(workers, planner=None, synthesizer=None, **options):
    kinds = list(workers)
    return orchestrate(
        "What of it?",
        planner or agent("planner", text(plan_for(kinds), 3.0)),
        workers,
        synthesizer or agent("synthesizer", text("All of it.", 5.0)),
        **options,
    )


async def sub_orchestrator():
    refusing = {kind: agent(kind, {"stop_reason": "refusal"}) for kind in ("left", "right")}
    return (await orchestrated(refusing)).text


async def sub_pipeline():
    stages = [agent("draft", text("a")), agent("check", {"stop_reason": "refusal"})]
    return (await run_pipeline("?", stages, lambda stage, words: ""))["check"]


async def sub_coordinator():
    refusing = agent("researcher", {"stop_reason": "refusal"})
    writer, checker = agent("writer", text("x")), agent("checker", text('{"objections": []}'))
    return (await coordinate("?", ["a", "b"], refusing, writer, checker, {})).text


async def sub_plan():
    return (
        await orchestrated({"a": None}, planner=agent("planner", text('{"subtasks": []}')))
    ).text


async def sub_aggregator():
    report = {"findings": [{"claim": "c", "quotes": []}], "contradictions": []}
    return await aggregate("?", {"one": "a"}, agent("aggregator", text(json.dumps(report))))


async def sub_deadline():
    return await with_deadline(agent("slow", text("late", 60.0)).run("?"), 0.5)


async def sub_retry():
    return await RetryOnce(agent("slow", text("late", 60.0)), 0.2, 0.3).run("?")


async def inside_itself():
    async def ask(question: str) -> str:
        """Asks the agent itself."""
        return await loops.run(question)

    use = {"type": "tool_use", "id": "t", "name": "ask", "input": {"question": "?"}}
    model = fake_client(lambda body: {"content": [use], "stop_reason": "tool_use"})
    loops = ToolAgent("loops", HAIKU, "loops", client=model, tools=[ask])
    return await loops.run("?")


def streamed(fault):
    async def work():
        events = [
            ("message_start", {"message": message(content=[], stop_reason=None)}),
            ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
            ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "Hi"}}),
            ("content_block_stop", {"index": 0}),
            ("message_stop", {}),
        ]
        lines = [
            {"at": n / 10, "data": f"event: {kind}\ndata: {json.dumps({'type': kind, **body})}\n\n"}
            for n, (kind, body) in enumerate(events)
        ]
        reply = Reply(200, 0.5, {"content-type": "text/event-stream"}, events=lines)
        client = always(reply, fault)
        ask = {"model": HAIKU, "max_tokens": 9, "messages": [{"role": "user", "content": "?"}]}
        async with client.messages.stream(**ask) as stream:
            return await stream.get_final_text()

    return work


REQUEST = httpx2.Request("POST", "https://api.anthropic.com")
TEXT = {"type": "text", "text": "x"}
# Every way in which one worker may fail: it is called "data", and nobody but it is hurt.
WAYS = {
    "a login page": lambda: raw("data", "<html>Please log in</html>", "text/html"),
    "a page that says it is JSON": lambda: raw("data", "<html>Please log in</html>"),
    "half a body": lambda: raw("data", '{"id": "m", "content": [{"type"'),
    "no body": lambda: raw("data", ""),
    "plain words": lambda: raw("data", "Bad gateway", "text/plain"),
    "an error at 200": lambda: shape("data", {"error": "busy"}),
    "an API error at 200": lambda: shape("data", {"type": "error", "error": {"type": "x"}}),
    "an empty object": lambda: shape("data", {}),
    "a list": lambda: raw("data", "[1, 2]"),
    "a number": lambda: raw("data", "7"),
    "null": lambda: raw("data", "null"),
    "usage null": lambda: shape("data", message(usage=None)),
    "usage null, cut": lambda: shape("data", message(usage=None, stop_reason="max_tokens")),
    "usage without numbers": lambda: shape("data", message(usage={})),
    "a text null": lambda: shape("data", message(content=[{"type": "text", "text": None}])),
    "a text that is a number": lambda: shape("data", message(content=[TEXT | {"text": 3}])),
    "a block without a type": lambda: shape("data", message(content=[{"text": "x"}])),
    "a block that is a text": lambda: shape("data", message(content=["x"])),
    "content that is a text": lambda: shape("data", message(content="x")),
    "content null": lambda: shape("data", message(content=None)),
    "a tool call without a name": lambda: shape(
        "data", message(content=[TOOL | {"name": None}], stop_reason="tool_use")
    ),
    "a tool call, and no tools": lambda: agent(
        "data", {"content": [TOOL], "stop_reason": "tool_use"}
    ),
    "a preamble and a tool call": lambda: agent(
        "data", {"content": [TEXT, TOOL], "stop_reason": "tool_use"}
    ),
    "a tool call that ends its turn": lambda: agent("data", {"content": [TEXT, TOOL]}),
    "tool_use, and no call": lambda: agent("data", {"content": [TEXT], "stop_reason": "tool_use"}),
    "a pause without end": lambda: agent("data", text("…", stop_reason="pause_turn")),
    "a stop reason from tomorrow": lambda: agent("data", text("x", stop_reason="tired")),
    "no stop reason": lambda: agent("data", text("x", stop_reason=None)),
    "a block from tomorrow": lambda: agent("data", {"content": [{"type": "hologram"}]}),
    "thinking only": lambda: agent(
        "data", {"content": [{"type": "thinking", "thinking": "hm", "signature": "s"}]}
    ),
    "a text that nobody sees": lambda: agent("data", text("\u200b\u2060 \n")),
    "a rate limit": lambda: agent("data", "x", faults=[Fault("rate_limited")], max_retries=0),
    "a cut reply": lambda: agent("data", "x", faults=[Fault("cut_stream")], max_retries=0),
    "a refusal": lambda: agent("data", {"stop_reason": "refusal"}),
    "it cancels itself": lambda: Worker("data", cancels_itself),
    "next() of nothing": lambda: Worker("data", next_of_nothing),
    "anext() of nothing": lambda: Worker("data", anext_of_nothing),
    "a stream that breaks": lambda: Worker("data", streamed(Fault("cut_stream", seconds=0.1))),
    "an error within a stream": lambda: Worker(
        "data", streamed(Fault("error_in_stream", seconds=0.1))
    ),
    "a protocol error": lambda: Worker(
        "data", raises(httpx2.RemoteProtocolError("peer closed", request=REQUEST))
    ),
    "a read timeout": lambda: Worker("data", raises(httpx2.ReadTimeout("", request=REQUEST))),
    "a body that cannot be unpacked": lambda: Worker(
        "data", raises(httpx2.DecodingError("gzip", request=REQUEST))
    ),
    "a time limit without a word": lambda: Worker("data", raises(TimeoutError())),
    "an empty answer": lambda: Worker("data", gives("")),
    "no answer": lambda: Worker("data", gives(None)),
    "a team under a 529": lambda: Worker("data", team_under_529),
    "a group in a group": lambda: Worker("data", a_group_in_a_group),
    "an orchestrator": lambda: Worker("data", sub_orchestrator),
    "a pipeline": lambda: Worker("data", sub_pipeline),
    "a coordinator": lambda: Worker("data", sub_coordinator),
    "a plan that cannot be": lambda: Worker("data", sub_plan),
    "a report that cannot be traced": lambda: Worker("data", sub_aggregator),
    "a deadline of its own": lambda: Worker("data", sub_deadline),
    "a second try in vain": lambda: Worker("data", sub_retry),
    "an agent inside itself": lambda: Worker("data", inside_itself),
}  # fmt: skip
GOOD = {name: text(f"What {name} found.") for name in ("summary", "code")}


def siblings():
    return {name: agent(name, answer) for name, answer in GOOD.items()}


@pytest.fixture(params=WAYS)
def bad(request):
    return WAYS[request.param]()


def test_there_are_sixty_hand_made_faults_and_more():
    assert len(WAYS) + len(BROKEN_TOOLS) * 2 >= 60


def test_a_worker_of_an_orchestrator_is_one_named_gap(bad):
    made = run(orchestrated({"data": bad, **siblings()}), clock="virtual")
    (gap, *others) = made.parts
    assert made.missing == ["the task of data"] and made.text == "All of it."
    assert gap.missing.strip() and not gap.answer
    assert [part.answer for part in others] == ["What summary found.", "What code found."]


def test_a_stage_of_a_pipeline_stops_it_and_keeps_what_is_done(bad):
    first = agent("first", text("Done."))
    with pytest.raises(room.PipelineStopped) as stopped:
        run(run_pipeline("?", [first, bad], lambda stage, words: ""), clock="virtual")
    assert stopped.value.stage == "data" and stopped.value.completed == {"first": "Done."}
    assert str(stopped.value).removeprefix("stopped at data: ").strip()


def test_a_job_of_a_fan_out_stops_the_rest_and_the_finished_are_there(bad):
    jobs = {"quick": agent("quick", text("first", 0.01)).run("?"), "data": bad_after(bad, 0.1)}
    jobs["slow"] = agent("slow", text("never", 1000.0)).run("?")
    with pytest.raises(ExceptionGroup) as failed:
        run(fan_out(jobs), clock="virtual")
    assert failed.value.finished == {"quick": "first"}


async def bad_after(worker, seconds):
    await asyncio.sleep(seconds)
    return await room.answer_of(worker, "?")


def test_an_outcome_names_it(bad):
    came = run(outcome_of(room.answer_of(bad, "?")), clock="virtual")
    assert came.kind not in ("ok",) and came.error is not None and str(came).split(": ", 1)[1]


def test_a_trial_survives_it(bad):
    trial = run_trial(lambda: bad.run("?"))
    assert trial.error is not None or trial.result in ("", None)


def test_a_researcher_of_a_coordinator_is_one_caveat(bad):
    facts = {
        f"{name}.md": Fact(claim=name, document=f"{name}.md", words=f"All of {name}")
        for name in ("one", "two")
    }

    class Researcher:
        name = "researcher"

        async def parse(self, prompt, output_type):
            if prompt == "lost":
                return await bad.parse(prompt, output_type)
            return Notes(facts=[facts[prompt]], gaps=[])

    made = run(
        coordinate(
            "?", ["one.md", "lost", "two.md"], Researcher(),
            agent("writer", text("One [1]. Two [2].")),
            agent("checker", text('{"objections": []}')),
            {name: f"{fact.words}." for name, fact in facts.items()},
        ),
        clock="virtual",
    )  # fmt: skip
    assert [one.topic for one in made.research if one.facts] == ["one.md", "two.md"]
    (caveat,) = [caveat for caveat in made.caveats if "'lost'" in caveat]
    assert caveat.removeprefix("nothing on 'lost': ").strip() and made.text == "One [1]. Two [2]."


def test_a_checker_that_fails_has_not_agreed(bad):
    document = {"a.md": "All of it is known."}
    notes = Notes(facts=[Fact(claim="a", document="a.md", words="All of it")], gaps=[])
    made = run(
        coordinate(
            "?", ["a"], agent("researcher", text(notes.model_dump_json())),
            agent("writer", text("All [1].")), bad, document,
        ),
        clock="virtual",
    )  # fmt: skip
    assert any(caveat.startswith("not fact-checked: ") for caveat in made.caveats)


@pytest.mark.parametrize("error", [KeyError("kind"), TypeError("x"), AttributeError("x")])
def test_a_bug_is_still_raised_and_not_a_gap(error):
    with pytest.raises(ExceptionGroup) as failed:
        run(orchestrated({"data": Worker("data", raises(error)), **siblings()}), clock="virtual")
    assert failed.group_contains(type(error))


def test_a_group_with_one_bug_in_it_is_a_bug():
    async def mixed():
        raise ExceptionGroup("both", [TimeoutError(), KeyError("x")])

    with pytest.raises(ExceptionGroup):
        run(outcome_of(mixed()))


def test_a_worker_that_gives_no_text_is_the_mistake_of_its_author():
    with pytest.raises(ExceptionGroup) as failed:
        run(orchestrated({"data": Worker("data", gives({"a": 1})), **siblings()}), clock="virtual")
    assert failed.group_contains(TypeError, match=r"data\.run gave a dict")


def test_whoever_is_really_cancelled_is_cancelled():
    async def stop():
        task = asyncio.create_task(orchestrated(siblings()))
        await asyncio.sleep(3.5)  # the workers are at it
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return task.cancelled()

    assert run(stop(), clock="virtual")


# What is paid for


def names(error):
    return sorted(part.agent for part in error.paid)


def test_a_deadline_carries_the_planner_and_the_workers_that_were_done():
    workers = {"quick": agent("quick", text("a", 2.0)), "fair": agent("fair", text("b", 3.0))}
    workers["hangs"] = agent("hangs", text("c", 1000.0))
    with pytest.raises(room.DeadlinePassed) as late:
        run(with_deadline(orchestrated(workers), 10.0), clock="virtual")
    assert names(late.value) == ["fair", "planner", "quick"]
    assert {part.answer for part in late.value.paid} >= {"a", "b"}
    assert late.value.cost_usd == pytest.approx(3 * 0.00015)


def test_a_deadline_carries_what_a_worker_that_is_no_agent_gave():
    workers = {"quick": Worker("quick", gives("a")), "hangs": agent("hangs", text("c", 1000.0))}
    with pytest.raises(room.DeadlinePassed) as late:
        run(with_deadline(orchestrated(workers), 10.0), clock="virtual")
    (part,) = [part for part in late.value.paid if part.agent == "quick"]
    assert (part.prompt, part.answer, part.cost_usd) == ("the task of quick", "a", 0.0)


def test_a_deadline_in_a_deadline_carries_the_parts_of_both():
    async def inner():
        with pytest.raises(room.DeadlinePassed) as early:
            await with_deadline(orchestrated(siblings() | {"x": agent("x", text("x", 99.0))}), 6.0)
        assert names(early.value) == ["code", "planner", "summary"]
        await agent("after", text("y")).run("?")
        await agent("late", text("z", 1000.0)).run("?")

    with pytest.raises(room.DeadlinePassed) as late:
        run(with_deadline(inner(), 60.0), clock="virtual")
    assert names(late.value) == ["after", "code", "planner", "summary"]


def test_a_timeout_of_asyncio_has_them_in_its_cause():
    async def limited():
        async with asyncio.timeout(6.0):
            await orchestrated(siblings() | {"x": agent("x", text("x", 99.0))})

    with pytest.raises(TimeoutError) as late:
        run(limited(), clock="virtual")
    paid = room.paid_before(late.value)
    assert sorted(part.agent for part in paid) == ["code", "planner", "summary"]


NO = {"stop_reason": "refusal"}
ENDS = {
    "synthesis": (
        lambda: orchestrated(siblings(), synthesizer=overloaded("synthesizer")),
        ["code", "planner", "summary"],
    ),
    "no worker": (
        lambda: orchestrated({k: overloaded(k) for k in GOOD}),
        ["planner"],
    ),
    "a second plan that fails": (
        lambda: orchestrated(siblings(), planner=agent("planner", turns(text("no plan"), NO))),
        ["planner", "planner"],
    ),
    "an API error of the planner's second try": (
        lambda: orchestrated(
            siblings(),
            planner=agent("planner", turns(text("no"), {"status": 403, "error": {"type": "x"}})),
        ),
        ["planner"],
    ),
    "a bug of a worker": (
        lambda: orchestrated(
            {"data": Worker("data", later(KeyError("x"))), **siblings()},
        ),
        ["code", "planner", "summary"],
    ),
    "a pipeline": (
        lambda: run_pipeline("?", [*siblings().values(), overloaded("x")], lambda *_: ""),
        ["code", "summary"],
    ),
    "a gate": (
        lambda: run_pipeline("?", list(siblings().values()), lambda stage, _: "no"),
        ["summary"],
    ),
    "a route": (
        lambda: route("?", agent("router", text('{"category": "a"}')), Topic,
                      {"a": overloaded("a")}, overloaded("default")),
        ["router"],
    ),
    "a report": (lambda: with_deadline(sub_aggregator(), 60.0), ["aggregator"]),
    "a fan_out": (
        lambda: fan_out({"a": agent("a", text("x", 0.1)).run("?"), "b": overloaded("b").run("?"),
                         "c": agent("c", text("x", 0.05)).run("?"), "d": late_529()}),
        ["a", "c"],
    ),
    "a second draft": (
        lambda: coordinate("?", ["a"], agent("researcher", text(NOTES.model_dump_json())),
                           agent("writer", turns(text("No source."), NO)),
                           agent("checker", text('{"objections": []}')), {"a.md": "All of it."}),
        ["checker", "researcher", "writer", "writer"],
    ),
}  # fmt: skip
NOTES = Notes(facts=[Fact(claim="a", document="a.md", words="All of it")], gaps=[])


class Topic(BaseModel):
    category: str


async def late_529():
    await asyncio.sleep(2.0)
    return await overloaded("d").run("?")


def later(error):
    async def work():
        await asyncio.sleep(30.0)
        raise error

    return work


def turns(*answers):
    """A model that gives these answers in turn, then the last one again and again."""
    left = list(answers)
    return lambda body: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize("end", ENDS)
def test_every_error_of_a_system_carries_what_was_paid(end):
    system, paid = ENDS[end]
    if end == "a fan_out":
        system = lambda: fan_out(  # noqa: E731
            {"a": agent("a", text("x", 0.1)).run("?"), "c": agent("c", text("x")).run("?"),
             "d": late_529()}
        )  # fmt: skip
    trial = run_trial(system)
    assert trial.error is not None and names(trial.error) == paid
    assert sum(part.cost_usd for part in trial.error.paid) >= 0
    if isinstance(trial.error, room.NoAnswer):
        assert trial.error.cost_usd == sum(part.cost_usd for part in trial.error.paid)


LOOK = {"type": "tool_use", "id": "t1", "name": "look", "input": {"name": "a"}}


def look(name: str) -> str:
    """Looks."""
    return "seen"


ASKS = {"content": [LOOK], "stop_reason": "tool_use", "usage": USAGE}
STEP_TWO = {
    "overloaded": {"status": 529, "error": {"type": "overloaded_error", "message": "busy"}},
    "forbidden": {"status": 403, "error": {"type": "permission_error", "message": "no"}},
    "cut": text("half", stop_reason="max_tokens"),
    "refused": NO,
    "empty": {"content": []},
    "no usage": {"usage": None},
    "never done": ASKS,
}


@pytest.mark.parametrize("second", STEP_TWO)
def test_every_error_of_an_agent_with_tools_carries_the_conversation(second):
    client = fake_client(turns(ASKS, STEP_TWO[second]), max_retries=0)
    pilot = ToolAgent("pilot", HAIKU, "p", client=client, tools=[look], max_steps=2)
    error = run_trial(lambda: pilot.run("Go.")).error
    question, asked, answered, *_ = error.messages
    assert question["content"] == "Go." and asked["content"][0].name == "look"
    assert answered["content"][0]["content"] == "seen"


def test_a_deadline_in_the_middle_of_a_tool_loop_reaches_its_conversation():
    client = fake_client(turns(ASKS, text("late", 99.0)))
    pilot = ToolAgent("pilot", HAIKU, "p", client=client, tools=[look])
    with pytest.raises(room.DeadlinePassed) as late:
        run(with_deadline(pilot.run("Go."), 10.0), clock="virtual")
    (part,) = late.value.paid
    assert part.reply.stop_reason == "tool_use" and part.prompt == "Go."
    assert [said["role"] for said in part.messages] == ["user", "assistant"]


# Tools


def uses(name, **arguments):
    return {"type": "tool_use", "id": "t1", "name": name, "input": arguments}


def with_tools(*tools, replies=None, **options):
    """An agent that uses its first tool once, the requests it sends, and its tool results."""
    sent = []
    first = getattr(tools[0], "__name__", None) or getattr(tools[0], "name", "") if tools else "x"
    left = replies or [{"content": [uses(first)], "stop_reason": "tool_use"}, text("Done.")]
    model = turns(*left)

    def answer(body):
        sent.append(body)
        return model(body)

    client = fake_client(answer, max_retries=0)
    return ToolAgent("clerk", HAIKU, "c", client=client, tools=list(tools), **options), sent


def result_of(sent):
    return sent[-1]["messages"][-1]["content"][0]


def breaks_with(error):
    def broken() -> str:
        """Breaks."""
        raise error

    return broken


def calls_next() -> str:
    """Breaks."""
    return next(iter(()))


def half_a_character() -> str:
    """Gives a name of os.listdir."""
    return "caf\udce9.md"


# What a tool does, and what the model reads of it; the author hears of those with True.
BROKEN_TOOLS = {
    "next() of nothing": (calls_next, "calls_next is broken: StopIteration", True),
    "a cancelled future": (
        breaks_with(asyncio.CancelledError()),
        "broken is broken: CancelledError",
        True,
    ),
    "a bug": (breaks_with(KeyError("x")), "broken is broken: KeyError", True),
    "a name that is not there": (breaks_with(NameError("x")), "broken is broken: NameError", True),
    "StopAsyncIteration": (
        breaks_with(StopAsyncIteration()),
        "broken is broken: StopAsyncIteration",
        True,
    ),
    "words for the model": (breaks_with(ToolError("Ask for less.")), "Ask for less.", False),
    "a time limit": (breaks_with(TimeoutError()), "broken is broken: TimeoutError", False),
    "half a character": (half_a_character, "caf?.md", False),
}


@pytest.mark.parametrize("way", BROKEN_TOOLS)
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_tool_that_breaks_ends_nothing_and_its_author_hears_of_it(way, kind, recwarn):
    plain, said, warns = BROKEN_TOOLS[way]
    if kind == "async def":

        @functools.wraps(plain)
        async def tool() -> str:
            return plain()
    else:
        tool = plain
    warnings.simplefilter("always")
    clerk, sent = with_tools(tool)
    with_limit = with_deadline(clerk.run("?"), 20.0)
    assert run(with_limit, clock="real") == "Done."
    assert said in result_of(sent)["content"]
    heard = [one for one in recwarn if one.category.__name__ == "ToolWarning"]
    assert bool(heard) == warns


def test_run_inside_a_tool_reaches_its_author():
    inner = agent("inner", text("x"))

    async def ask(question: str) -> str:
        """Asks."""
        return run(inner.run(question))

    clerk, _ = with_tools(
        ask,
        replies=[{"content": [uses("ask", question="?")], "stop_reason": "tool_use"}, text("D.")],
    )
    with pytest.raises(RuntimeError, match="Write `await …`"):
        run(clerk.run("?"))


def test_a_plain_tool_may_give_back_a_coroutine():
    def ask() -> str:
        """Asks."""
        return agent("inner", text("from inside")).run("?")

    clerk, sent = with_tools(ask)
    assert run(clerk.run("?")) == "Done." and result_of(sent)["content"] == "from inside"


def test_arguments_that_are_no_object_are_the_models_mistake():
    call = ToolUseBlock.model_construct(type="tool_use", id="t", name="look", input=["a"])
    result = run(room.run_tool(call, room.toolbox([look])))
    assert result["content"] == "Wrong arguments. They have to be an object."


@anthropic.beta_tool
def fares(route_name: str) -> str:
    """The fare of a route."""
    return "3.00"


@anthropic.beta_async_tool
async def depths() -> list[dict[str, str]]:
    """The depths."""
    return [{"type": "text", "text": "3 m"}]


SEARCH = {"type": "web_search_20250305", "name": "web_search"}
CUSTOMER = {"name": "customer", "description": "x", "input_schema": {"type": "object"}}


def test_the_sdks_own_tools_stand_beside_plain_functions():
    call = uses("fares", route_name="a")
    replies = [
        {"content": [call, uses("depths")], "stop_reason": "tool_use"},
        text("Done."),
    ]
    clerk, sent = with_tools(fares, depths, look, SEARCH, CUSTOMER, replies=replies)
    assert run(clerk.run("?")) == "Done."
    assert [tool["name"] for tool in sent[0]["tools"]] == [
        "fares", "depths", "look", "web_search", "customer",
    ]  # fmt: skip
    assert sent[0]["tools"][3] == SEARCH
    first, second = sent[1]["messages"][-1]["content"]
    assert first["content"] == "3.00" and second["content"] == [{"type": "text", "text": "3 m"}]


def test_a_tool_that_is_only_a_dict_hands_the_conversation_to_you():
    replies = [{"content": [uses("customer", id=3)], "stop_reason": "tool_use"}]
    clerk, _ = with_tools(CUSTOMER, replies=replies)
    with pytest.raises(room.NoAnswer, match="nobody here can run customer") as ended:
        run(clerk.run("?"))
    assert ended.value.messages[-1]["content"][0].input == {"id": 3}


@pytest.mark.parametrize("kind", ["with tools", "plain"])
def test_tools_given_to_one_reply_are_sent(kind):
    sent = []

    def answer(body):
        sent.append(body)
        return text("Done.")

    client = fake_client(answer)
    one = ToolAgent("a", HAIKU, "a", client=client, tools=[look])
    one = one if kind == "with tools" else Agent("a", HAIKU, "a", client=client)
    run(one.reply("?", tools=[SEARCH]))
    assert SEARCH in sent[0]["tools"]


def test_no_tools_are_not_sent_as_an_empty_list():
    clerk, sent = with_tools(replies=[text("Done.")])
    assert run(clerk.run("?")) == "Done." and "tools" not in sent[0]


@pytest.mark.parametrize(
    "tool", [lambda: "x", functools.partial(look, "a"), "look", str, {"type": "web_search"}, None]
)
def test_what_can_be_no_tool_is_refused_in_a_sentence(tool):
    client = fake_client(lambda body: text("x"))
    clerk = ToolAgent("clerk", HAIKU, "c", client=client, tools=[tool])
    with pytest.raises((TypeError, ValueError), match="tool"):
        run(clerk.run("?"))


def test_an_agent_inside_itself_is_asked_three_times_and_no_more():
    asked = []

    async def ask(question: str) -> str:
        """Asks the agent itself, twice."""
        return await loops.run(question)

    def model(body):
        asked.append(1)
        return {"content": [uses("ask", question="?")], "stop_reason": "tool_use"}

    loops = ToolAgent("loops", HAIKU, "l", client=fake_client(model), tools=[ask])
    with pytest.raises(room.NoAnswer, match="loops is at work 3 times inside itself") as ended:
        run(loops.run("?"))
    assert len(asked) == 3 and ended.value.messages


def test_an_agent_may_have_another_as_its_tool_and_that_one_a_third():
    async def lowest(question: str) -> str:
        """Asks the lowest."""
        return await agent("lowest", text("deep")).run(question)

    def asks_first(tool):
        return [{"content": [uses(tool, question="?")], "stop_reason": "tool_use"}, text("up")]

    middle_agent, _ = with_tools(lowest, replies=asks_first("lowest"))

    async def middle(question: str) -> str:
        """Asks the one in the middle."""
        return await middle_agent.run(question)

    top, sent = with_tools(middle, replies=asks_first("middle"))
    assert run(top.run("?")) == "up" and result_of(sent)["content"] == "up"


# Text that is not lost


def test_the_text_before_a_pause_is_kept():
    parts = [text("A single costs 3.00 crowns. ", stop_reason="pause_turn"), text("Dogs are free.")]
    whole = "A single costs 3.00 crowns. Dogs are free."
    client = fake_client(turns(*parts))
    assert run(Agent("a", HAIKU, "a", client=client).run("?")) == whole
    client = fake_client(turns(*parts))
    assert run(ToolAgent("a", HAIKU, "a", client=client, tools=[look]).run("?")) == whole


def test_a_pause_whose_rest_is_empty_is_whole():
    client = fake_client(turns(text("All of it.", stop_reason="pause_turn"), {"content": []}))
    assert run(ToolAgent("a", HAIKU, "a", client=client, tools=[look]).run("?")) == "All of it."


def test_a_pause_in_the_middle_of_json_is_parsed_as_one():
    halves = [text('{"cate', stop_reason="pause_turn"), text('gory": "a"}')]
    client = fake_client(turns(*halves))
    assert run(Agent("a", HAIKU, "a", client=client).parse("?", Topic)) == Topic(category="a")


def test_the_text_before_a_tool_call_is_kept_and_does_not_spoil_json():
    before = {"content": [{"type": "text", "text": "I look."}, LOOK], "stop_reason": "tool_use"}
    for last, ask, expected in (
        ("It is blue.", lambda a: a.run("?"), "I look.\n\nIt is blue."),
        ('{"category": "a"}', lambda a: a.parse("?", Topic), Topic(category="a")),
    ):
        client = fake_client(turns(before, text(last)))
        one = ToolAgent("a", HAIKU, "a", client=client, tools=[look])
        assert run(ask(one)) == expected


def test_a_tool_call_that_ends_its_turn_is_run():
    clerk, sent = with_tools(look, replies=[{"content": [TEXT, LOOK]}, text("Seen.")])
    assert run(clerk.run("?")).endswith("Seen.") and result_of(sent)["content"] == "seen"


def test_pauses_count_as_steps_and_the_error_names_them():
    client = fake_client(lambda body: text("…", stop_reason="pause_turn"))
    paused = ToolAgent("guide", HAIKU, "g", client=client, max_steps=3)
    with pytest.raises(room.MaxStepsExceeded, match="after 3 steps its turn is still paused"):
        run(paused.run("?"))


# A brief does not keep silent

DOCUMENTS = {
    "a.md": "# A\n\nReport, A, 2026.\n\nThe ferry carried 155,040 passengers.",
    "b.md": "# B\n\nReport, B, 2026.\n\nThe bus has 41,000 passengers.",
}
BUS = Fact(claim="It has 41,000.", document="b.md", words="41,000 passengers")
INVENTED = Fact(claim="x", document="a.md", words="no such words")
OLD = Research(
    "boats",
    [Fact(claim="155,040", document="a.md", words="155,040 passengers")],
    ["Whether it sails in winter."],
    earlier="2026-01-20",
)


def briefed(boats, words="The bus had 41,000 [1].", checker="checker", **options):
    """A brief on boats and buses, and what its writer read."""
    read = []

    def model(body):
        name, prompt = body["system"], body["messages"][0]["content"]
        if name == "writer":
            read.append(prompt)
            return words
        if name == "researcher":
            return Notes(facts=[BUS], gaps=[]).model_dump_json() if prompt == "buses" else boats
        return '{"objections": []}'

    client = fake_client(model)
    people = [Agent(name, HAIKU, name, client=client) for name in ("researcher", "writer", checker)]
    job = coordinate("?", ["boats", "buses"], *people, DOCUMENTS, rounds=1, **options)
    return run(job), read[0]


def notes(*facts, gaps=()):
    return Notes(facts=list(facts), gaps=list(gaps)).model_dump_json()


def test_nothing_found_is_said_beside_a_gap_about_a_detail():
    brief, read = briefed(notes(gaps=["The colour of the boats."]))
    assert "nothing was found on 'boats'" in brief.caveats
    assert "not known: The colour of the boats." in brief.caveats
    assert "Not known: boats" in read and "Not known: The colour of the boats." in read


def test_an_empty_gap_silences_nothing():
    brief, read = briefed(notes(gaps=["", " "]))
    assert brief.caveats == ["nothing was found on 'boats'"] and "Not known: boats" in read


def test_gaps_stay_where_all_facts_are_invented():
    brief, read = briefed(notes(INVENTED, gaps=["The count of 2024."]))
    assert "not known: The count of 2024." in brief.caveats
    assert "Not known: The count of 2024." in read


def test_a_gap_of_an_earlier_run_carries_its_date_to_the_writer_and_the_reader():
    both = "It carried 155,040 [1]. The bus had 41,000 [2]."
    brief, read = briefed(NO, both, earlier={"boats": OLD})
    assert "not known: Whether it sails in winter. (as of 2026-01-20)" in brief.caveats
    assert "Not known: Whether it sails in winter. (as of 2026-01-20)" in read
    assert "2026-01-20" in room.source_list([OLD]).splitlines()[-1]


def test_a_gap_of_today_is_not_dated_beside_facts_of_january():
    both = "It carried 155,040 [1]. The bus had 41,000 [2]."
    brief, _ = briefed(notes(INVENTED, gaps=["The count."]), both, earlier={"boats": OLD})
    assert "not known: The count." in brief.caveats
    assert any("(as of 2026-01-20)" in caveat for caveat in brief.caveats)


def test_a_checker_called_code_does_not_hide_the_objections_of_code():
    brief, _ = briefed(notes(BUS), "The bus is blue.", checker="code")
    assert brief.caveats == ["code objects to 'The bus is blue.': it names no source"]


@pytest.mark.parametrize(
    ("words", "objections"),
    [
        ("It is so [1][12345].", 1),
        ("It is so [1][99999999999999999999].", 1),
        ("- The ferry sank\n- The bus burnt\n- 41,000 rode [1].", 2),
        ("The ferry sank\nThe bus burnt\n41,000 rode [1].", 2),
        ("1) The ferry sank\n\n2) 41,000 rode [1].", 1),
        ('He said "it sank." The bus had 41,000 [1].', 1),
        ("It sank… The bus had 41,000 [1].", 1),
        ("[1]", 1),
        ("[1].", 1),
        ("[missing]", 1),
        ("The bus had 41,000 [1].", 0),
        ("It is not known [missing].", 0),
    ],
)
def test_what_a_draft_says_without_a_source_is_objected_to(words, objections):
    assert len(room.find_uncited(words, 2)) == objections


def test_topics_that_differ_in_typing_are_researched_once():
    asked = []

    def model(body):
        asked.append(body["messages"][0]["content"])
        return notes(BUS)

    people = agent("researcher", model), agent("writer", "x [1]."), agent("c", '{"objections": []}')
    run(coordinate("?", ["Buses", "buses", "BUSES "], *people, DOCUMENTS))
    assert asked == ["Buses"]


def test_nothing_to_do_is_said_before_anybody_is_paid():
    asked = []

    def model(body):
        asked.append(1)
        return text("x")

    one = agent("one", model)
    for job, words in (
        (coordinate("?", [], one, one, one, {}), "no topic"),
        (orchestrate("?", one, {}, one), "no worker"),
        (orchestrate("?", one, {"a": one}, one, max_subtasks=1), "max_subtasks=1"),
        (orchestrate("?", one, {"a": one}, one, max_concurrency=0), "max_concurrency=0"),
    ):
        with pytest.raises(ValueError, match=words):
            run(job)
    assert asked == []


# Words are found at the edges of words and numbers

COUNTS = "The ferry carried 155,040 passengers, counted at the gates, on 4,560 sailings in 2025."


@pytest.mark.parametrize(
    ("text", "words", "there"),
    [
        (COUNTS, "155,040 passengers", True),
        (COUNTS, "the FERRY  carried", True),
        (COUNTS, "in 2025", True),
        (COUNTS, "in 2025.", True),
        (COUNTS, "5,040 passengers", False),
        (COUNTS, "040 passengers", False),
        (COUNTS, "40 passengers, counted at the gates", False),
        (COUNTS, ",040 passengers", False),
        (COUNTS, "155", False),
        (COUNTS, "155,", False),
        (COUNTS, "560 sailings", False),
        (COUNTS, "e", False),
        (COUNTS, "erry carried", False),
        (COUNTS, "the ferr", False),
        (COUNTS, "", False),
        (COUNTS, ".", False),
        ("It costs 3,900 in all.", "900", False),
        ("It costs 3.50 crowns.", "50 crowns", False),
        ("It costs 3.50 crowns.", "3", False),
        ("Some 155 040 came.", "040 came", False),
        ("Some 155 040 came.", "155 040", True),
        ("Some 1'250 came.", "250 came", False),
        ("It fell by -5 per cent.", "5 per cent", False),
        ("It fell by -5 per cent.", "-5 per cent", True),
        ("It sails at 10:30 daily.", "30 daily", False),
        ("It is version 2.10.3 now.", "10.3", False),
        ("It was 5, then 7.", "5, then 7", True),
        ("Number 7. The end.", "7", True),
        ("A 40k run.", "40", False),
        ("e is a letter", "e", True),
        ("(155,040)", "155,040", True),
    ],
)
def test_words_are_found_at_the_edges_of_words_and_numbers(text, words, there):
    assert room.contains_words(text, words) is there


def test_no_reader_takes_half_a_number_for_a_quotation():
    half = Fact(claim="x", document="a.md", words="5,040 passengers")
    assert room.find_unsupported([half], {"a.md": COUNTS})
    report = room.Report(
        findings=[
            room.Finding(claim="x", quotes=[room.Quote(perspective="p", words="5,040 passengers")])
        ],
        contradictions=[],
    )
    assert room.find_untraced(report, {"p": COUNTS})
    objection = room.Objection(words="5,040 passengers", reason="x")
    assert room.find_misquoted(room.FactCheck(objections=[objection]), COUNTS) == [objection]


# A fault that hit nothing


def refusing(*faults):
    return agent("summary", "fine", faults=list(faults))


def test_a_fault_for_an_agent_that_nobody_is_says_so(capsys):
    trial = run_trial(lambda: refusing(Fault("refused", agent="sumary")).run("?"))
    assert trial.result == "fine" and trial.never_hit == ["refused: sumary"]
    run(refusing(Fault("refused", agent="sumary")).run("?"))
    said = "The fault 'refused' hit nothing: no agent 'sumary' made a call. Is it 'summary'?"
    assert capsys.readouterr().err.splitlines() == [said, said]


def test_a_fault_that_hit_is_not_spoken_of(capsys):
    trial = run_trial(lambda: refusing(Fault("empty", agent="summary")).run("?"))
    assert trial.never_hit == [] and trial.faults == ["empty: summary"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "options", [{"attempts": 0}, {"attempts": -1}, {"between": (5, 3)}, {"seconds": -1.0}]
)
def test_a_fault_that_cannot_hit_is_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        Fault("refused", **options)
