"""A run that was killed goes on: no finished call is paid twice, what was in flight is named."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from mas_helpers import HAIKU, Agent, Fault, fake_client, orchestrate, run
from mas_helpers.agents import (
    DurableAgent,
    Journal,
    RetryOnce,
    RunBusy,
    StoreError,
    Subtask,
    step_key,
)
from mas_helpers.bench import ProcessKilled, random_faults, run_trial

HOME = Path(__file__).parents[1]


def counting(value="done", calls=None):
    async def make():
        calls.append(1)
        return value

    return make


@pytest.fixture
def path(tmp_path):
    return tmp_path / "steps.sqlite"


@pytest.mark.parametrize("value", ["text", "", None, 0, 4.5, [1, [2]], {"a": {"b": []}}, "🌊 é"])
def test_a_finished_step_is_not_made_again_and_gives_what_it_gave(path, value):
    calls = []
    for _ in range(2):
        with Journal(path, "r") as journal:
            assert run(journal.once("step", counting(value, calls))) == value
    assert len(calls) == 1
    assert journal.finished == ["step"] and journal.in_flight == journal.begun_again == []


def test_the_first_life_gets_what_a_later_one_will(path):
    with Journal(path) as journal:
        assert run(journal.once("pair", counting((1, {2: 3}), []))) == [1, {"2": 3}]


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), b"bytes"])
def test_what_json_cannot_hold_is_an_error_and_not_finished(path, value):
    with Journal(path) as journal, pytest.raises((TypeError, ValueError)):
        run(journal.once("step", counting(value, [])))
    assert journal.finished == []


def test_a_step_that_raises_propagates_is_not_in_flight_and_is_made_again(path):
    async def fails():
        raise KeyError("model")

    with Journal(path) as journal:
        with pytest.raises(KeyError):
            run(journal.once("step", fails))
        assert journal.in_flight == journal.finished == []
    calls = []
    with Journal(path) as journal:
        assert run(journal.once("step", counting("now", calls))) == "now"
    assert calls and journal.begun_again == ["step"]


def test_a_step_that_is_cancelled_stays_in_flight_because_it_may_be_billed(path):
    async def cancelled(journal):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await journal.once("slow", lambda: asyncio.sleep(60))

    with Journal(path) as journal:
        run(cancelled(journal), clock="virtual")
    assert journal.in_flight == ["slow"]


def test_the_same_key_again_is_a_step_of_its_own_also_at_once_and_in_the_next_life(path):
    calls = []

    async def votes(journal):
        return await asyncio.gather(
            *(journal.once("vote", counting("yes", calls)) for _ in range(3))
        )

    for _ in range(2):
        with Journal(path) as journal:
            assert run(votes(journal)) == ["yes"] * 3
    assert len(calls) == 3
    assert journal.finished == ["vote", "vote (2)", "vote (3)"]


def test_runs_in_one_file_do_not_meet_and_one_is_forgotten(path):
    calls = []
    for name in ("a", "b", "a"):
        with Journal(path, name) as journal:
            run(journal.once("step", counting(name, calls)))
    assert len(calls) == 2
    assert Journal(path, "a").forget() == 1
    assert Journal(path, "a").finished == [] and Journal(path, "b").finished == ["step"]


def test_a_run_is_open_once_and_another_one_beside_it(path):
    with Journal(path, "a"):
        with Journal(path, "b"), pytest.raises(RunBusy, match="'a' goes on in another process"):
            Journal(path, "a").__enter__()
    with Journal(path, "a"):
        pass


def test_outside_of_with_nothing_is_made(path):
    with pytest.raises(RuntimeError, match="with Journal"):
        run(Journal(path).once("step", counting("x", [])))


def test_another_database_and_a_damaged_one_are_named(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as db:
        db.execute("CREATE TABLE things (a)")
    with pytest.raises(StoreError, match="holds no steps of this program"):
        Journal(tmp_path / "other.sqlite")
    (tmp_path / "text.sqlite").write_text("not a database, " * 99, encoding="utf-8")
    with pytest.raises(StoreError, match="is damaged"):
        Journal(tmp_path / "text.sqlite")


def test_another_model_system_prompt_or_type_is_another_step():
    client = fake_client(lambda body: "Yes.")
    agents = [
        Agent("a", HAIKU, "s", client=client),
        Agent("b", HAIKU, "s", client=client),
        Agent("a", "claude-opus-5-5", "s", client=client),
        Agent("a", HAIKU, "t", client=client),
    ]
    keys = {step_key(agent, prompt) for agent in agents for prompt in ("p" * 40, "p" * 41)}
    assert len(keys | {step_key(agents[0], "p" * 40, Subtask)}) == 9


SECONDS = {"planner": 3.0, "data": 4.0, "summary": 2.0, "synthesizer": 5.0}
TASKS = {"How many came?": "data", "What did it cost?": "data", "What do they say?": "summary"}


def model(body):
    name, prompt = body["system"], body["messages"][0]["content"]
    text = f"{name}: {prompt}"
    if name == "planner":
        plan = [{"kind": kind, "task": task, "needs": []} for task, kind in TASKS.items()]
        text = json.dumps({"subtasks": plan})
    return {"content": [{"type": "text", "text": text}], "seconds": SECONDS[name]}


def life(path, name, faults=(), wrap=lambda agent: agent):
    """One life of a run on the journal."""

    async def system():
        client = fake_client(model, faults=faults)
        with Journal(path, name) as journal:
            team = {
                n: DurableAgent(Agent(n, HAIKU, n, client=client), journal.once) for n in SECONDS
            }
            workers = {kind: wrap(team[kind]) for kind in ("data", "summary")}
            return await orchestrate("Q?", team["planner"], workers, team["synthesizer"])

    return run_trial(system)


def calls_of(trial):
    return [(call.agent, call.prompt) for call in trial.trace.calls if call.attempts]


WHOLE = 12.0


@pytest.mark.parametrize("second", [0.0, 1.5, 3.0, 4.0, 5.5, 6.9, 7.0, 9.0, 11.9])
def test_killed_at_any_second_it_goes_on_with_what_was_not_finished(tmp_path, second):
    path = tmp_path / "steps.sqlite"
    undisturbed = life(path, "undisturbed")
    assert undisturbed.trace.seconds == WHOLE
    first = life(path, "r", [Fault("killed", agent="planner", seconds=second)])
    assert isinstance(first.error, ProcessKilled) and first.trace.seconds == second
    left = Journal(path, "r")
    finished, in_flight = left.finished, left.in_flight
    second_life = life(path, "r")
    assert second_life.result == undisturbed.result
    assert len(calls_of(second_life)) == 5 - len(finished)
    agents = [call.agent for call in second_life.trace.calls]
    assert not {"planner"} & set(agents) or not finished
    assert set(left.begun_again) == set(in_flight)


def test_killed_again_and_again_it_ends_and_no_finished_call_is_made_twice(path):
    made, finished = [], set()
    for number in range(60):
        faults = random_faults(number, killed=0.5, overloaded=0.2)
        trial = life(path, "r", faults, wrap=lambda agent: RetryOnce(agent, 8.0, 12.0))
        made += [call for call in calls_of(trial) if call[1] in finished]
        finished |= {call.prompt for call in trial.trace.calls if call.stop_reason == "end_turn"}
        if not isinstance(trial.error, ProcessKilled) and trial.error is None:
            break
    assert trial.error is None and trial.result.missing == []
    assert number > 2, "it has to be killed some times for this to mean anything"
    assert made == []


def test_a_kill_is_seen_by_no_except_exception():
    client = fake_client(lambda body: "Yes.", faults=[Fault("killed")])

    async def stubborn():
        try:
            await Agent("a", HAIKU, "", client=client).run("?")
        except Exception:
            return "caught"

    assert isinstance(run_trial(stubborn).error, ProcessKilled)


def test_a_kill_that_comes_after_the_run_hits_nothing():
    client = fake_client(lambda body: {"seconds": 2.0}, faults=[Fault("killed", seconds=2.5)])
    trial = run_trial(lambda: Agent("a", HAIKU, "", client=client).run("?"))
    assert not isinstance(trial.error, ProcessKilled) and trial.trace.seconds == 2.0


def test_a_plain_client_dies_too():
    client = fake_client(lambda body: "x", sync=True, faults=[Fault("killed")])
    with pytest.raises(ProcessKilled, match="killed: every agent"):
        client.messages.create(
            model=HAIKU, max_tokens=9, messages=[{"role": "user", "content": "?"}]
        )


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["journal", "dbos"])
def test_killed_for_real_at_random_moments_nothing_finished_is_paid_twice(engine):
    """kill -9, 6 times: benchmarks/kills.py does it 200 times."""
    if engine == "dbos":
        pytest.importorskip("dbos", reason="the extra `course` installs dbos")
    command = [sys.executable, "benchmarks/kills.py", "--engine", engine, "--kills", "6", "--json"]
    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["problems"] == [] and report["finished calls billed again"] == 0
    assert report["kills"] == 6 and report["kills with calls in flight"] >= 1
    assert report["calls billed"] - report["calls needed"] == report["in flight at those kills"]
