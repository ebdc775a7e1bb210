"""The patterns keep their promises: who is asked, in what order, in how many seconds, and what
stops them.
"""

import asyncio
import json
from typing import Literal

import anthropic
import pytest
from pydantic import BaseModel

from mas_helpers import HAIKU, Agent, ReplyRefused, fake_client, run, trace
from mas_helpers.agents.aggregator import (
    Finding,
    Quote,
    Report,
    UntraceableReport,
    aggregate,
    find_untraced,
)
from mas_helpers.agents.parallel import fan_out
from mas_helpers.agents.pipeline import PipelineStopped, run_pipeline, stage_prompt
from mas_helpers.agents.router import route

CUT = {"content": [{"type": "text", "text": "half"}], "stop_reason": "max_tokens"}
REFUSED = {"stop_reason": "refusal"}


class Topic(BaseModel):
    category: Literal["billing", "booking", "other"]


def team(answers, asked=None):
    """Agents whose answers are given by their system prompt, which is their name; `asked` notes
    what each was sent.
    """

    def answer(body):
        if asked is not None:
            asked.append((body["system"], body["messages"][0]["content"]))
        given = answers[body["system"]]
        return given.pop(0) if isinstance(given, list) else given

    client = fake_client(answer, max_retries=0)
    return {name: Agent(name, HAIKU, name, client=client) for name in answers}


def routed(said, **others):
    asked = []
    agents = team({"router": said, "billing": "B", "booking": "K", "desk": "D", **others}, asked)
    specialists = {name: agents[name] for name in ("billing", "booking")}
    coroutine = route("a request", agents["router"], Topic, specialists, agents["desk"])
    return coroutine, asked


def test_route_asks_the_router_then_the_specialist_and_nobody_else():
    coroutine, asked = routed('{"category": "billing"}')
    result = run(coroutine)
    assert (result.category, result.agent, result.answer, result.fallback_reason) == (
        "billing",
        "billing",
        "B",
        "",
    )
    assert asked == [("router", "a request"), ("billing", "a request")]


@pytest.mark.parametrize(
    ("said", "category", "why"),
    [
        ('{"category": "other"}', "other", "no specialist for 'other'"),
        (
            '{"category": "weather"}',
            "",
            "router returned something that does not match the requested type",
        ),
        ("billing, I think", "", "the JSON: Invalid JSON"),
        (CUT, "", "router was cut off"),
        (REFUSED, "", "router refused"),
        ("", "", "router sent no text"),
    ],
)
def test_route_gives_the_rest_to_the_default_and_says_why(said, category, why):
    result = run(routed(said)[0])
    assert (result.category, result.agent, result.answer) == (category, "desk", "D")
    assert why in result.fallback_reason


def test_a_specialist_that_fails_is_not_replaced_in_silence():
    coroutine, asked = routed('{"category": "billing"}', billing=REFUSED)
    with pytest.raises(ReplyRefused, match="billing refused"):
        run(coroutine)
    assert [name for name, _ in asked] == ["router", "billing"]


def test_a_wrong_key_is_not_a_reason_for_the_default():
    coroutine, asked = routed({"status": 401, "error": {"type": "authentication_error"}})
    with pytest.raises(anthropic.AuthenticationError):
        run(coroutine)
    assert [name for name, _ in asked] == ["router"]


async def job(seconds, result=None, log=None):
    await asyncio.sleep(seconds)
    if log is not None:
        log.append(result)
    if isinstance(result, Exception):
        raise result
    return result


@pytest.mark.parametrize(
    ("seconds", "limit", "total"),
    [
        ([2, 4, 3], None, 4.0),
        ([2, 4, 3], 1, 9.0),
        ([2, 4, 3], 2, 5.0),
        ([2, 4, 3], 3, 4.0),
        ([5, 1, 1, 1, 1], 2, 5.0),
        ([1] * 10, 4, 3.0),
        ([], None, 0.0),
    ],
)
def test_fan_out_takes_what_the_schedule_says(seconds, limit, total):
    with trace() as t:
        results = run(fan_out({f"job {i}": job(s, i) for i, s in enumerate(seconds)}, limit))
    assert t.seconds == total
    assert results == {f"job {i}": i for i in range(len(seconds))}


def test_fan_out_keeps_the_order_of_the_names_and_not_of_arrival():
    assert list(run(fan_out({"slow": job(3, "s"), "fast": job(1, "f")})).items()) == [
        ("slow", "s"),
        ("fast", "f"),
    ]


def test_fan_out_never_runs_more_than_its_limit():
    at_work, most = [0], []

    async def counted():
        at_work[0] += 1
        most.append(at_work[0])
        await asyncio.sleep(1)
        at_work[0] -= 1

    run(fan_out({str(i): counted() for i in range(20)}, max_concurrency=3))
    assert max(most) == 3


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_lets_nobody_begin_is_an_error(limit):
    with pytest.raises(ValueError, match=f"max_concurrency={limit} lets no job start"):
        run(fan_out({"one": job(1)}, limit))


def test_a_failing_job_stops_the_rest_and_gets_out():
    log = []
    jobs = {
        "bad": job(1, ValueError("mine"), log),
        "long": job(5, "long", log),
        "waiting": job(1, "waiting", log),
    }
    with trace() as t, pytest.raises(ExceptionGroup) as caught:
        run(fan_out(jobs, max_concurrency=2))
    assert [str(error) for error in caught.value.exceptions] == ["mine"]
    assert [str(entry) for entry in log] == ["mine"]
    assert t.seconds == 1.0


def passes(stage, text):
    return ""


def line(answers):
    asked = []
    agents = team(answers, asked)
    return list(agents.values()), asked


def test_every_stage_reads_the_task_and_all_that_came_before():
    stages, asked = line({"bugs": "two bugs", "security": "one hole", "report": "fix both"})
    assert run(run_pipeline("the code", stages, passes)) == {
        "bugs": "two bugs",
        "security": "one hole",
        "report": "fix both",
    }
    assert [text for _, text in asked] == [
        "the code",
        "the code\n\nFrom bugs:\ntwo bugs",
        "the code\n\nFrom bugs:\ntwo bugs\n\nFrom security:\none hole",
    ]
    assert asked[2][1] == stage_prompt("the code", {"bugs": "two bugs", "security": "one hole"})


@pytest.mark.parametrize(
    ("bad", "words"), [(CUT, "was cut off"), (REFUSED, "refused"), ("", "sent no text")]
)
def test_a_stage_without_a_whole_answer_stops_the_line(bad, words):
    stages, asked = line({"bugs": "two bugs", "security": bad, "report": "never"})
    with pytest.raises(PipelineStopped) as caught:
        run(run_pipeline("the code", stages, passes))
    assert f"stopped at security: security {words}" in str(caught.value)
    assert (caught.value.stage, caught.value.completed) == ("security", {"bugs": "two bugs"})
    assert [name for name, _ in asked] == ["bugs", "security"]


@pytest.mark.parametrize("gate", [None, lambda stage, text: None, lambda stage, text: ""])
def test_without_a_gate_or_without_a_reason_every_text_goes_on(gate):
    stages, asked = line({"bugs": "two bugs", "report": "fix both"})
    assert run(run_pipeline("the code", stages, gate)) == {"bugs": "two bugs", "report": "fix both"}
    assert len(asked) == 2


def test_two_stages_of_one_name_are_an_error_before_anybody_is_paid():
    stages, asked = line({"writer": "one", "critic": "two"})
    with pytest.raises(ValueError, match="two stages have the same name"):
        run(run_pipeline("the task", [*stages, stages[0]], passes))
    assert asked == []


def test_the_gate_stops_the_line_before_the_next_stage_is_paid():
    stages, asked = line({"bugs": "no bugs", "security": "never", "report": "never"})
    with pytest.raises(PipelineStopped, match="stopped at bugs: nothing to do") as caught:
        run(
            run_pipeline(
                "the code", stages, lambda stage, text: "nothing to do" if text == "no bugs" else ""
            )
        )
    assert caught.value.completed == {}
    assert [name for name, _ in asked] == ["bugs"]


VIEWS = {
    "tech": "The app is slow. It needs a cache.",
    "users": "People like it, though  the app is\nslow.",
}


def finding(claim, *quotes):
    return {"claim": claim, "quotes": [{"perspective": p, "words": w} for p, w in quotes]}


def against(about, *quotes):
    return {"about": about, "quotes": finding("", *quotes)["quotes"]}


SLOW = finding("It is slow", ("tech", "The app is slow"), ("users", "the app is slow."))


@pytest.mark.parametrize(
    ("findings", "contradictions", "problem"),
    [
        ([SLOW], [], ""),
        ([SLOW], [against("speed", ("tech", "needs a cache"), ("users", "People like it"))], ""),
        ([SLOW, finding("It is loved")], [], "'It is loved' rests on no perspective"),
        (
            [SLOW, finding("It crashes", ("tech", "it crashes daily"))],
            [],
            "tech never said 'it crashes daily'",
        ),
        (
            [SLOW, finding("Sales grow", ("market", "The app is slow"))],
            [],
            "market never said 'The app is slow'",
        ),
        (
            [SLOW, finding("A cache", ("users", "It needs a cache"))],
            [],
            "users never said 'It needs a cache'",
        ),
        ([SLOW, finding("A letter", ("users", "e"))], [], "users never said 'e'"),
        ([finding("A cache", ("tech", "It needs a cache"))], [], "users is left out"),
        ([SLOW, finding("it IS  slow", ("tech", "slow"))], [], "'it IS  slow' is there twice"),
        (
            [SLOW],
            [against("speed", ("tech", "slow"), ("tech", "a cache"))],
            "shows fewer than two sides",
        ),
        ([], [], "tech is left out; users is left out"),
    ],
)
def test_a_report_is_traced_to_its_perspectives_by_code(findings, contradictions, problem):
    said = json.dumps({"findings": findings, "contradictions": contradictions})
    agents = team({"aggregator": said})
    coroutine = aggregate("What of the app?", VIEWS, agents["aggregator"])
    if not problem:
        report = run(coroutine)
        assert isinstance(report, Report) and len(report.findings) == len(findings)
        return
    with pytest.raises(UntraceableReport) as caught:
        run(coroutine)
    assert problem in str(caught.value)
    assert len(caught.value.report.findings) == len(findings)


def test_the_merger_reads_the_question_and_every_perspective_with_its_name():
    asked = []
    agents = team({"aggregator": json.dumps({"findings": [SLOW], "contradictions": []})}, asked)
    run(aggregate("What of the app?", VIEWS, agents["aggregator"]))
    ((_, prompt),) = asked
    assert prompt.startswith("What of the app?\n\nPerspective tech:\nThe app is slow.")
    assert "Perspective users:\nPeople like it" in prompt


def test_an_empty_quote_traces_nothing():
    empty = Report(
        findings=[Finding(claim="x", quotes=[Quote(perspective="tech", words=" ")])],
        contradictions=[],
    )
    assert "tech never said ' '" in find_untraced(empty, VIEWS)[0]
