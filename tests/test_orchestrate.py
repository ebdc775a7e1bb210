"""orchestrate: who is asked what, in how many seconds, what a bad plan leads to, and what a missing
part does.
"""

import asyncio
import json

import pytest

from mas_helpers import HAIKU, Agent, ReplyRefused, fake_client, run, trace
from mas_helpers.agents.orchestrator import (
    AllWorkersFailed,
    SynthesisFailed,
    orchestrate,
    run_subtask,
)
from mas_helpers.agents.planner import InvalidPlan, Plan, Subtask, make_plan, plan_problems
from mas_helpers.bench import MissingRecording

KINDS = ("data", "summary", "code")
REFUSED = {"stop_reason": "refusal"}
CUT = {"content": [{"type": "text", "text": '{"subtasks": [{"ki'}], "stop_reason": "max_tokens"}


def plan(*tasks):
    """A plan in JSON; each task is `"data: How many?"`, or that with the numbers it needs behind
    it.
    """
    subtasks = []
    for task in tasks:
        text, needs = task if isinstance(task, tuple) else (task, [])
        kind, _, words = text.partition(": ")
        subtasks.append({"kind": kind, "task": words, "needs": needs})
    return json.dumps({"subtasks": subtasks})


GOOD = plan("data: How many came?", "summary: What did they say?", "code: Write total(rows).")


def text(words, seconds=0.0):
    return {"content": [{"type": "text", "text": words}], "seconds": seconds}


def system(answers, asked=None, **options):
    """orchestrate() over agents whose system prompt is their name, and whose replies are these."""

    def answer(body):
        if asked is not None:
            asked.append((body["system"], body["messages"]))
        given = answers[body["system"]]
        return given.pop(0) if isinstance(given, list) else given

    client = fake_client(answer, max_retries=0)
    planner, synthesizer, *workers = (
        Agent(n, HAIKU, n, client=client) for n in ("planner", "synthesizer", *KINDS)
    )
    return orchestrate(
        "Q?", planner, dict(zip(KINDS, workers, strict=True)), synthesizer, **options
    )


ANSWERS = {"data": "D", "summary": "S", "code": "C", "synthesizer": "all of it"}


def test_the_synthesizer_reads_the_question_and_every_result_under_its_task():
    asked = []
    result = run(system({"planner": GOOD, **ANSWERS}, asked))
    assert result.text == "all of it" and result.missing == []
    assert [(part.subtask.kind, part.answer) for part in result.parts] == [
        ("data", "D"),
        ("summary", "S"),
        ("code", "C"),
    ]
    assert (
        asked[-1][1][0]["content"]
        == "Question: Q?\n\nTask: How many came?\nD\n\nTask: What did they say?\nS\n\nTask: Write"
        " total(rows).\nC"
    )


def test_a_worker_is_sent_its_subtask_and_nothing_else():
    asked = []
    run(system({"planner": GOOD, **ANSWERS}, asked))
    sent = {name: messages for name, messages in asked}
    assert sent["data"] == [{"role": "user", "content": "How many came?"}]
    assert sent["code"] == [{"role": "user", "content": "Write total(rows)."}]
    assert sent["planner"] == [{"role": "user", "content": "Q?"}]


def test_the_whole_takes_the_plan_the_slowest_worker_and_the_synthesis():
    answers = {
        "planner": text(GOOD, 3.0), "data": text("D", 2.0), "summary": text("S", 4.5),
        "code": text("C", 3.1),
        "synthesizer": text("all", 5.0),
    }  # fmt: skip
    with trace() as t:
        run(system(answers), clock="virtual")
    assert t.seconds == 3.0 + 4.5 + 5.0


def test_limit_is_how_many_workers_are_at_work_at_once():
    answers = {"planner": GOOD, **{kind: text(kind, 2.0) for kind in KINDS}, "synthesizer": "all"}
    with trace() as t:
        run(system(answers, max_concurrency=2), clock="virtual")
    assert t.seconds == 4.0


@pytest.mark.parametrize(
    "trouble", [REFUSED, {"status": 500, "error": {"type": "api_error", "message": "down"}}, ""]
)
def test_a_missing_part_is_named_to_the_synthesizer_and_in_the_result(trouble):
    asked = []
    result = run(system({"planner": GOOD, **ANSWERS, "summary": trouble}, asked))
    assert result.missing == ["What did they say?"]
    assert "Task: What did they say?\nMissing: " in asked[-1][1][0]["content"]
    assert "How many came?\nD" in asked[-1][1][0]["content"]


def test_without_any_result_the_synthesizer_is_not_asked():
    asked = []
    with pytest.raises(AllWorkersFailed, match="data: data refused"):
        run(system({"planner": GOOD, "data": REFUSED, "summary": REFUSED, "code": REFUSED}, asked))
    assert "synthesizer" not in [name for name, _ in asked]


@pytest.mark.parametrize("trouble", [REFUSED, CUT, {"status": 500, "error": {"type": "api_error"}}])
def test_a_synthesizer_that_fails_hands_back_the_parts(trouble):
    with pytest.raises(SynthesisFailed, match="the parts were not put together: ") as failed:
        run(system({"planner": GOOD, **ANSWERS, "synthesizer": trouble}))
    assert [part.answer for part in failed.value.parts] == ["D", "S", "C"]


def test_a_bad_plan_is_sent_back_once_with_what_was_wrong():
    asked = []
    bad = plan("data: How many came?", ("summary: Why did they come?", [1]))
    result = run(system({"planner": [bad, GOOD], **ANSWERS}, asked))
    assert len(result.parts) == 3
    second = asked[1][1][0]["content"]
    # an agent remembers nothing: it is told its plan again
    came = Plan.model_validate_json(bad).model_dump_json()
    assert second.startswith(
        f"Q?\n\nYour last plan was sent back:\n{came}\n\nWhat is wrong: subtask 2 needs the result"
        " of 1"
    )


@pytest.mark.parametrize(
    "first", [CUT, "no JSON", {"content": [], "stop_reason": "end_turn"}, '{"subtasks": [7]}']
)
def test_a_plan_that_cannot_be_read_is_asked_for_again(first):
    asked = []
    assert run(system({"planner": [first, GOOD], **ANSWERS}, asked)).text == "all of it"
    assert "What is wrong: planner" in asked[1][1][0]["content"]


@pytest.mark.parametrize("second", [plan("data: One?"), CUT])
def test_a_second_bad_plan_is_an_error_and_no_worker_is_paid(second):
    asked = []
    with pytest.raises(InvalidPlan):
        run(system({"planner": [plan("data: One?"), second]}, asked))
    assert [name for name, _ in asked] == ["planner", "planner"]


def test_a_refused_plan_is_not_asked_for_again():
    asked = []
    with pytest.raises(ReplyRefused):
        run(system({"planner": REFUSED}, asked))
    assert len(asked) == 1


def test_more_subtasks_than_the_cap_are_a_bad_plan():
    two = plan("data: How many?", "summary: Why?")
    result = run(system({"planner": [GOOD, two], **ANSWERS}, max_subtasks=2))
    assert len(result.parts) == 2


def flawed(*tasks):
    return plan_problems(Plan.model_validate_json(plan(*tasks)), KINDS)


def test_a_plan_that_makes_sense_has_no_flaws():
    assert plan_problems(Plan.model_validate_json(GOOD), KINDS) == []
    numbers = ("data: How many came in 2024?", "data: How many came in 2025?")
    assert flawed(*numbers) == []
    assert flawed("data: What changed in week 4?", "summary: What changed in week 4?") == []
    assert flawed("data: How many?", "code: Print it before the first task of the day.") == []
    assert (
        flawed(
            "data: Compare the results of the previous year.",
            "summary: What is the first thing they say?",
        )
        == []
    )


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        ([], "it has 0 subtasks"),
        (["data: One?"], "it has 1 subtask, and must have 2 to 4"),
        ([f"data: Number {n}?" for n in "abcde"], "it has 5 subtasks"),
        (["data: How many?", "poetry: A poem."],
        "subtask 2 is for 'poetry'; there are data, summary, code"),
        (["data: How many?", "data: how  MANY"], "subtask 2 says the same as subtask 1"),
        (["data: How many?", "summary: "], "subtask 2 is empty"),
        (["data: How many?", "summary: ?!"], "subtask 2 is empty"),
        (["data: How many?", ("summary: Why?", [1])], "subtask 2 needs the result of 1"),
        (["data: How many?", "summary: Say why the number from subtask 1 is low."],
        "speaks of 'subtask 1'"),
        (["data: How many?", "code: Use the answer of the second worker."],
        "speaks of 'second worker'"),
        (["data: How many?", "code: Turn the previous task into code."],
        "speaks of 'previous task'"),
    ],
)  # fmt: skip
def test_a_plan_without_sense_says_what_is_wrong(tasks, said):
    assert any(said in flaw for flaw in flawed(*tasks)), flawed(*tasks)


def test_a_recording_that_is_missing_is_not_a_missing_part(monkeypatch):
    """Nor is a mistake in the program: only the API and the model may leave a part missing."""

    async def broken(self, prompt):
        raise MissingRecording("nothing recorded")

    monkeypatch.setattr(Agent, "run", broken)
    with pytest.raises(MissingRecording):
        run(
            run_subtask(
                Subtask(kind="data", task="?", needs=[]), Agent("a", HAIKU, "", client=None)
            )
        )


def test_cancelling_the_whole_cancels_the_workers():
    async def stopped():
        async with asyncio.timeout(1.0):
            await system(
                {
                    "planner": GOOD,
                    **{kind: text(kind, 60.0) for kind in KINDS},
                    "synthesizer": "all",
                }
            )

    with trace() as t, pytest.raises(TimeoutError):
        run(stopped(), clock="virtual")
    assert t.seconds == 1.0
    assert [call.error for call in t.calls] == ["", "cancelled", "cancelled", "cancelled"]


def test_a_timeout_of_the_api_leaves_a_part_missing():
    def answer(body):
        return (
            GOOD
            if body["system"] == "planner"
            else text(body["system"], 60.0 if body["system"] == "data" else 1.0)
        )

    client = fake_client(answer, max_retries=0, timeout=10.0)
    planner, synthesizer, *workers = (
        Agent(n, HAIKU, n, client=client) for n in ("planner", "synthesizer", *KINDS)
    )
    result = run(
        orchestrate("Q?", planner, dict(zip(KINDS, workers, strict=True)), synthesizer),
        clock="virtual",
    )
    assert result.missing == ["How many came?"]
    assert "timed out" in result.parts[0].missing


def test_planned_is_usable_alone():
    client = fake_client(lambda body: GOOD)
    made = run(make_plan("Q?", Agent("planner", HAIKU, "", client=client), KINDS))
    assert [subtask.kind for subtask in made.subtasks] == list(KINDS)


def test_an_error_without_words_leaves_its_name_as_the_reason():
    class Late:
        name = "data"

        async def run(self, prompt):
            raise TimeoutError

    part = run(run_subtask(Subtask(kind="data", task="How many?", needs=[]), Late()))
    assert part.missing == "TimeoutError"
