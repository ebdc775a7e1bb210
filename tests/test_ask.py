"""`python -m mas_helpers ask`, as it is typed: recorded over loopback, replayed, stopped, and held
to its budget.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import programs
import pytest

from mas_helpers import Agent, connect, fake_client, run, trace
from mas_helpers import __main__ as command_line
from mas_helpers.agents import build_team
from mas_helpers.agents.budget import Budget, BudgetReached
from mas_helpers.bench.tracing.cost import cost_usd
from mas_helpers.course import check_notebooks
from mas_helpers.course.ask.command import nearest_question, replay_problems, run_research
from mas_stand_in import serving

posix = pytest.mark.skipif(
    os.name != "posix", reason="signals, pipes and pseudo-terminals as POSIX has them"
)
ROOT = Path(__file__).parents[1]
DOCUMENTS = {
    "ferry.md": "# The ferry\n\nReport, 2025.\n\nThe ferry carried 80 people. Captains are proud.",
    "bus.md": "# The bus\n\nReport, 2025.\n\nThe bus carried 20 people.",
}
QUESTION = "How many people travel in the valley?"
TOPICS = ["How many people took the ferry in 2025?", "How many people took the bus in 2025?"]


def says(system, *replies, **when):
    return {"when": {"system": system, **when}, "replies": list(replies)}


def uses(tool, /, **arguments):
    return {"tool_use": {"name": tool, "input": arguments}}


def found(document, words):
    return {"json": {"facts": [{"claim": words, "document": document, "words": words}], "gaps": []}}


def loop(topic, document, words, seconds):
    """A researcher's three steps."""
    yield says(
        "You research",
        {"content": [uses("search", query=document[:-3])], "seconds": seconds},
        first=topic,
        turns=1,
    )
    reads = [uses("read_document", name=document), uses("read_document", name="../secret.md")]
    yield says("You research", {"content": reads, "seconds": 0.2}, first=topic, turns=3)
    yield says("You research", found(document, words) | {"seconds": 0.2}, first=topic, turns=5)


def entries(slow=0.1):
    plan = {"subtasks": [{"kind": "research", "task": topic, "needs": []} for topic in TOPICS]}
    brief = {
        "text": "Together 100 people travel [1][2]. What they pay is not known [missing].",
        "seconds": 0.2,
    }
    return [
        says("You plan", {"json": plan, "seconds": 0.2}, user=QUESTION),
        *loop(TOPICS[0], "ferry.md", "The ferry carried 80 people", slow),
        *loop(TOPICS[1], "bus.md", "The bus carried 20 people", slow + 0.1),
        says("You write a brief", brief),
        says("You check a brief", {"json": {"objections": []}, "seconds": 0.2}),
    ]


def furnished(place):
    (place / "recordings").mkdir()
    (place / "corpus").mkdir()
    for name, text in DOCUMENTS.items():
        (place / "corpus" / name).write_text(text, encoding="utf-8", newline="\n")
    return place


@pytest.fixture
def place(tmp_path):
    return furnished(tmp_path)


def environment():
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANTHROPIC_", "MAS_"))
    }
    return kept | {"PYTHONIOENCODING": "utf-8", "COLUMNS": "100"}


def ask_as_typed(place, *arguments, columns=100):
    """What the command says and its exit code, in a process of its own."""
    command = [sys.executable, "-m", "mas_helpers", "ask", *arguments]
    return programs.run(
        command,
        cwd=place,
        env=environment() | {"COLUMNS": str(columns)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )


@pytest.fixture
def ask(capsys):
    """The same in this process, where no interpreter starts."""

    def ask(place, *arguments):
        with contextlib.chdir(place), mock.patch.dict(os.environ, COLUMNS="100"):
            try:
                code = command_line.main(["ask", *arguments])
            except SystemExit as wrong_arguments:
                code = wrong_arguments.code
        printed = capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=printed.out, stderr=printed.err)

    return ask


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    place = furnished(tmp_path_factory.mktemp("recorded"))
    with serving(entries=entries()) as url:
        done = ask_as_typed(place, QUESTION, "--mode", "record", "--base-url", url)
    assert done.returncode == 0, done.stderr
    return place / "recordings" / "ask.yaml"


@pytest.fixture
def recorded(place, recording):
    shutil.copy(recording, place / "recordings" / "ask.yaml")
    return place


def test_a_question_is_recorded_over_loopback_and_answered_offline_for_ever(recorded, ask):
    listed = ask(recorded)
    assert (listed.returncode, listed.stdout.splitlines()) == (
        0,
        [
            "Recorded questions:",
            f"  1  {QUESTION}",
            "Ask the first: python -m mas_helpers ask 1",
        ],
    )
    done = ask(recorded, QUESTION)
    assert done.returncode == 0, done.stderr
    assert (
        done.stdout == "Together 100 people travel [1][2]. What they pay is not known"
        ' [missing].\n\nSources\n[1] The ferry carried 80 people (ferry.md: "The ferry carried'
        ' 80 people")\n[2] The bus carried 20 people (bus.md: "The bus carried 20 people")\n\n1'
        " draft, no objection\n"
    )
    assert "Offline. The replies are recorded, from the stand-in model" in done.stderr
    for seen in (
        "planner",
        "researcher",
        "read_document: ferry.md",
        "writer",
        "fact-checker",
        "9 calls",
        "$0.0",
    ):
        assert seen in done.stderr
    # what leads out of the folder is refused
    assert "read_document: ../secret.md  ✗" in done.stderr


def test_small_differences_in_typing_do_not_matter(recorded, ask):
    assert ask(recorded, f"  {QUESTION.upper().rstrip('?')} ").returncode == 0
    assert ask(recorded, *QUESTION.split()).returncode == 0  # without quotes
    assert ask(recorded, "1").returncode == 0


def test_an_unknown_question_lists_the_known_ones(recorded, ask):
    done = ask(recorded, "Why is the sky blue?")
    assert done.returncode == 2 and done.stdout == ""
    assert QUESTION in done.stderr and "--mode live" in done.stderr


def test_an_unknown_question_gets_the_numbers_and_is_set_beside_the_nearest(recorded, ask):
    words = QUESTION.split()
    nearly = ask(recorded, " ".join(words[:3] + ["really", *words[4:]]))
    assert nearly.returncode == 2 and f"  1  {QUESTION}" in nearly.stderr
    assert "Did you mean 1? python -m mas_helpers ask 1\n" in nearly.stderr
    assert "Did you mean" not in ask(recorded, "Why is the sky blue?").stderr


def test_the_nearest_question_shares_half_of_its_longer_words():
    known = ["Why did the ferry lose passengers?", "Can the clinic open at night in 2027?"]
    assert nearest_question("Which ferries lost passengers?", known) == 1
    assert nearest_question("Is the clinic open at night?", known) == 2
    assert nearest_question("clinic", known) == 2
    assert nearest_question("Which ferry costs twenty pounds more today?", known) == 0
    assert nearest_question("why did the", known) == nearest_question("", known) == 0


@pytest.mark.parametrize("columns", [44, 80])
def test_lists_and_messages_are_no_wider_than_the_terminal(columns):
    def said(*words):
        done = ask_as_typed(ROOT, *words, columns=columns)
        return [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]

    for lines in (said(), said("How deep is the lake?"), said("1", "--fast")):
        assert len(lines) > 5 and [line for line in lines if len(line) > columns] == []


def test_json_is_the_whole_run(recorded, ask):
    done = ask(recorded, QUESTION, "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["status"] == "answered" and made["question"] == QUESTION and made["caveats"] == []
    assert [source["document"] for source in made["sources"]] == ["ferry.md", "bus.md"]
    assert sorted(call["agent"] for call in made["calls"]) == [
        "fact-checker",
        "planner",
        *["researcher"] * 6,
        "writer",
    ]
    assert made["cost_usd"] == pytest.approx(sum(call["cost_usd"] for call in made["calls"]))
    assert made["seconds"] == pytest.approx(max(call["end"] for call in made["calls"]))
    # the researchers work at once
    assert made["seconds"] < sum(call["end"] - call["start"] for call in made["calls"])
    assert "You research" not in done.stdout


def test_documents_that_are_not_those_of_the_recording_are_an_error(recorded, ask):
    (recorded / "corpus" / "ferry.md").write_text(
        "# The ferry\n\nReport.\n\nGone.", encoding="utf-8"
    )
    done = ask(recorded, QUESTION)
    assert (
        done.returncode == 2
        and "These documents are not those that it was recorded with." in done.stderr
    )


def test_another_folder_is_said(tmp_path, ask):
    done = ask(tmp_path)
    assert done.returncode == 2 and "Run this in the course's own folder." in done.stderr


@pytest.mark.slow
@posix
def test_a_reader_that_has_seen_enough_is_no_error(recorded):
    command = f"{sys.executable} -m mas_helpers ask --json {QUESTION!r} | head -1"
    done = subprocess.run(
        command,
        shell=True,
        cwd=recorded,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.stdout == "{\n" and "Traceback" not in done.stderr


def test_without_documents_it_says_where_it_looked(place, ask):
    for file in (place / "corpus").glob("*.md"):
        file.unlink()
    done = ask(place, QUESTION, "--mode", "live")
    assert done.returncode == 2 and "--documents" in done.stderr


def test_live_needs_a_key(place, ask):
    done = ask(place, QUESTION, "--mode", "live")
    assert done.returncode == 2 and "ANTHROPIC_API_KEY" in done.stderr


@pytest.mark.parametrize("budget", ["much", "-1", "nan", "inf", ""])
def test_a_budget_is_an_amount(recorded, budget, ask):
    done = ask(recorded, QUESTION, f"--budget={budget}")
    assert done.returncode == 2 and "budget" in done.stderr


def test_a_budget_of_nothing_asks_nobody(recorded, ask):
    done = ask(recorded, QUESTION, "--budget", "0", "--json")
    made = json.loads(done.stdout)
    assert (done.returncode, made["status"], made["cost_usd"]) == (3, "over budget", 0)
    assert "The budget of $0 is reached, so the planner was not asked." in done.stderr


def test_ask_says_once_that_most_of_the_budget_is_paid(recorded, ask):
    done = ask(recorded, QUESTION, "--budget", "1", "--json")
    assert done.returncode == 0 and "80 % of the budget" not in done.stderr
    usd = json.loads(done.stdout)["cost_usd"] / 0.9
    said = ask(recorded, QUESTION, "--budget", f"{usd:.4f}", "--json").stderr
    assert said.count("80 % of the budget of $") == 1


def run_with(budget, place):
    with trace() as spent:
        budget = Budget(budget, spent)
        client = connect("ask", folder=place / "recordings", strict=True, middleware=[budget])
        team = build_team(client, place / "corpus")
        result = run_research(QUESTION, team, "virtual", budget)
    return budget, result.brief, spent


def test_a_budget_is_exceeded_by_less_than_one_call(recorded):
    budget, _, whole = run_with(1.0, recorded)
    assert budget.reached == []
    briefs = []
    for part in range(1, 20):
        usd = cost_usd(whole) * part / 20
        budget, brief, spent = run_with(usd, recorded)
        made = [call for call in spent.calls if not call.error]
        dearest = max(map(cost_usd, made), default=0.0)
        assert budget.paid_usd() == cost_usd(spent) < usd + dearest
        assert (len(made) == len(whole.calls)) == (budget.reached == [])
        briefs += [brief]
    assert briefs[0].drafts == [] and briefs[-1].text
    # the checker was not asked any more
    over = next(brief for brief in briefs if brief and brief.drafts)
    assert over.caveats[0].startswith("not fact-checked: The budget of $")


def test_the_budget_holds_for_retries():
    asked = []

    def answer(body):
        asked.append(1)
        return {"status": 529, "error": {"type": "overloaded_error", "message": ""}}

    with trace() as t:
        client = fake_client(answer, middleware=[Budget(0.0, t)], max_retries=5)
        with pytest.raises(BudgetReached):
            run(Agent("a", "claude-haiku-5-5", "", client=client).run("?"))
    assert asked == [] and cost_usd(t) == 0


def test_a_failure_is_told_with_what_was_paid(place, ask):
    broken = [e for e in entries() if "You write a brief" not in e["when"]["system"]]
    broken.append(says("You write a brief", {"refusal": {"category": None, "explanation": None}}))
    with serving(entries=broken) as url:
        done = ask(place, QUESTION, "--mode", "record", "--base-url", url, "--json")
    assert done.returncode == 1
    assert (
        "No answer: draft 1 was not written: writer refused" in done.stderr
        and "Paid: " in done.stderr
    )
    made = json.loads(done.stdout)
    assert made["status"] == "failed" and len(made["sources"]) == 2  # what was found is not lost
    assert (
        "The recording is as it was." in done.stderr
        and not (place / "recordings" / "ask.yaml").exists()
    )


def test_a_run_that_fails_leaves_a_good_recording_alone(recorded, ask):
    before = (recorded / "recordings" / "ask.yaml").read_bytes()
    with serving(entries=[]) as url:  # a server that has no reply for anything
        done = ask(recorded, QUESTION, "--mode", "record", "--base-url", url)
    assert done.returncode == 1 and "ask.yaml.part" in done.stderr
    assert (recorded / "recordings" / "ask.yaml").read_bytes() == before
    assert ask(recorded, QUESTION).returncode == 0


@pytest.mark.slow
@posix
def test_ctrl_c_stops_at_once_and_says_what_was_paid(place):
    with serving(entries=entries(slow=3600.0)) as url:
        command = [
            sys.executable,
            "-m",
            "mas_helpers",
            "ask",
            QUESTION,
            "--mode",
            "record",
            "--base-url",
            url,
        ]
        process = programs.popen(
            command,
            cwd=place,
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        part = place / "recordings" / "ask.yaml.part"
        while not (part.exists() and "planner" in part.read_text(encoding="utf-8")):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=600)[1]
    assert process.returncode == 130
    assert (
        "Stopped." in said
        and "Paid: " in said
        and "2 cancelled" in said
        and "Traceback" not in said
    )
    # nothing is lost
    assert "planner" in (place / "recordings" / "ask.yaml.part").read_text(encoding="utf-8")
    assert not (place / "recordings" / "ask.yaml").exists()


def in_a_terminal(place, *arguments, after=None):
    """What a terminal shows, the exit code and the seconds; after: the text upon which Ctrl-C is
    typed.
    """
    import pty

    began, shown, typed = time.monotonic(), b"", False
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(place)
        os.execve(
            sys.executable,
            [sys.executable, "-m", "mas_helpers", "ask", *arguments],
            environment() | {"TERM": "xterm"},
        )
    while True:
        try:
            shown += os.read(terminal, 65536)
        except OSError:
            break
        if after and not typed and after.encode() in shown:
            os.write(terminal, b"\x03")
            typed = True
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return (
        shown.decode(errors="replace"),
        os.waitstatus_to_exitcode(status),
        time.monotonic() - began,
    )


@pytest.mark.slow
@posix
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_in_a_terminal_it_plays_as_slowly_as_it_was_recorded(recorded):
    shown, code, seconds = in_a_terminal(recorded, QUESTION)
    assert code == 0 and seconds > 1.2
    assert "●" in shown and "✓" in shown and "Sources" in shown
    shown, code, seconds = in_a_terminal(recorded, QUESTION, "--fast")
    assert code == 0 and "Sources" in shown


@pytest.mark.slow
@posix
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_ctrl_c_in_a_terminal(recorded):
    shown, code, _ = in_a_terminal(recorded, QUESTION, after="researcher")
    assert (
        code == 130
        and "Stopped." in shown
        and "Offline nothing is paid" in shown
        and "given up" in shown
        and "Traceback" not in shown
    )


@pytest.mark.slow
def test_check_plays_the_recorded_questions(recorded, monkeypatch, capsys):
    monkeypatch.chdir(recorded)
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (recorded / "00_none.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    recording = recorded / "recordings" / "ask.yaml"
    findings = check_notebooks.check(
        [recorded / "00_none.ipynb"], [recording], everything=True, run=quiet, programs=PROGRAMS
    )
    assert findings == []
    (recorded / "corpus" / "bus.md").write_text("# The bus\n\nGone.\n\nGone.", encoding="utf-8")
    findings = check_notebooks.check(
        [recorded / "00_none.ipynb"], [recording], everything=True, run=quiet, programs=PROGRAMS
    )
    assert "plays no more" in findings[0] and QUESTION in findings[0]


def quiet(name):
    return lambda *numbers: None


PROGRAMS = {"ask": replay_problems}
