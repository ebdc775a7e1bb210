"""What stands beside the lessons: the teams that two lessons share, and lesson 07 as a program."""

import ast
import os
import sys

import programs
import pytest

from mas_helpers.course import course_file


@pytest.fixture
def program(home, monkeypatch):
    """The program `agents.py`, imported as it is when it is started in its folder."""
    monkeypatch.syspath_prepend(str(home / "notebooks"))
    monkeypatch.chdir(home / "notebooks")
    for name in ("agents", "pool"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import agents

    yield agents
    for name in ("agents", "pool"):
        sys.modules.pop(name, None)


def test_the_program_is_complete_and_shorter_than_200_lines(home):
    text = (home / "notebooks" / "agents.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 200
    imported = {
        node.module.split(".")[0]
        for node in ast.parse(text).body
        if isinstance(node, ast.ImportFrom)
    }
    assert imported == {"dataclasses", "anthropic", "pool", "pydantic"}


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["notebooks", "."])
def test_started_without_a_key_it_answers_from_the_lessons_recording(home, folder):
    done = programs.run(
        [sys.executable, str(home / "notebooks" / "agents.py")],
        cwd=home / folder,
        env={name: value for name, value in os.environ.items() if name != "ANTHROPIC_API_KEY"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "def early_visits(path)" in done.stdout and "1,920" in done.stdout
    assert "No key" in done.stderr and "Missing" not in done.stdout


def test_a_question_that_nobody_recorded_needs_a_key(program, capsys):
    assert program.main(["What do visitors want?"]) == 1
    assert "ANTHROPIC_API_KEY" in capsys.readouterr().err


def test_a_worker_that_fails_is_named_and_no_worker_at_all_is_an_error(
    program, capsys, monkeypatch
):
    import mas_helpers

    plan = '{"subtasks": [{"kind": "data", "task": "How many?", "needs": []}'
    plan += ', {"kind": "summary", "task": "Who?", "needs": []}]}'

    def model(body):
        prompts.append(body["messages"][0]["content"])
        if "You plan" in body["system"]:
            return plan
        lost = any(body["system"].startswith(words) for words in refusing)
        return {"stop_reason": "refusal"} if lost else "All of it."

    monkeypatch.setattr(mas_helpers, "connect", lambda *_, **__: mas_helpers.fake_client(model))
    refusing, prompts = ["You sum up"], []
    assert program.main(["Why?"]) == 0
    said = capsys.readouterr().out
    assert said == "All of it.\n\nMissing: Who? (summary gave no answer: refusal, 0 characters)\n"
    assert "Task: Who?\nMissing: summary gave no answer" in prompts[-1]
    refusing.append("You answer questions about")
    prompts.clear()
    assert program.main(["Why?"]) == 1
    said = capsys.readouterr()
    assert not said.out and len(prompts) == 3
    assert "data gave no answer" in said.err and "summary gave no answer" in said.err


def test_a_plan_that_cannot_be_carried_out_is_sent_back_once(program, capsys, monkeypatch):
    import mas_helpers

    prompts = []

    def model(body):
        prompts.append(body["messages"][0]["content"])
        return '{"subtasks": [{"kind": "poet", "task": "Praise it.", "needs": [7]}]}'

    monkeypatch.setattr(mas_helpers, "connect", lambda *_, **__: mas_helpers.fake_client(model))
    assert program.main(["Why?"]) == 1
    said = capsys.readouterr().err
    assert len(prompts) == 2 and "What is wrong: it has 1 subtasks" in prompts[1]
    assert "is for 'poet'" in said and "needs another's result" in said


def test_what_the_lessons_read_is_in_the_copy_that_an_attendee_gets(home, tmp_path):
    programs.run(
        [sys.executable, str(home / "teaching" / "hub" / "copy_course.py")],
        cwd=tmp_path,
        check=True,
    )
    reads = "import letters, measured; assert measured.ROWS and letters.measured(jobs=1000)"
    for name in ("benchmarks/scale_out.json", "benchmarks/frameworks.json", "examples/frameworks"):
        assert (tmp_path / name).exists(), name
    programs.run([sys.executable, "-c", reads], cwd=tmp_path / "notebooks", check=True)


def test_a_folder_of_lessons_that_was_copied_alone_finds_what_was_measured(
    home, tmp_path, monkeypatch
):
    copy = tmp_path / "lessons"
    copy.mkdir()
    monkeypatch.chdir(copy)
    assert course_file("benchmarks/scale_out.json") == home / "benchmarks" / "scale_out.json"
    (tmp_path / "benchmarks").mkdir()
    mine = tmp_path / "benchmarks" / "scale_out.json"
    mine.write_text("{}", encoding="utf-8")
    assert course_file("benchmarks/scale_out.json") == mine
    with pytest.raises(FileNotFoundError, match="git checkout -- benchmarks/gone.json"):
        course_file("benchmarks/gone.json")


def test_no_lesson_looks_for_the_course_beside_its_folder(home):
    for path in [*home.glob("notebooks/*.py"), *home.glob("notebooks/*.ipynb")]:
        assert "parents[1]" not in path.read_text(encoding="utf-8"), path.name
