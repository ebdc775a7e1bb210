"""The skill for a reader's coding agent: the course's own loader reads it, its files exist, its
commands do what it says.
"""

import re
import shutil

import pytest

from mas_helpers.agents import skill_list, skill_reader, skills_in
from mas_helpers.course.exercises import load

FOLDER = ".claude/skills"


@pytest.fixture(scope="module")
def text(request):
    path = request.config.rootpath / FOLDER / "course-tutor" / "SKILL.md"
    return path.read_text(encoding="utf-8")


def commands(text):
    """The lines set in as code that begin a command."""
    return re.findall(r"^ {4,7}((?:MAS_\w+=\S+ )?\.venv/bin/python -c \".+\")$", text, re.M)


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """Runs the code of a command in a folder, with its setting; gives what it prints."""

    def run_there(command):
        setting, code = re.fullmatch(r"(MAS_\w+=\S+ )?\S+ -c \"(.+)\"", command).groups()
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("MAS_PROGRESS", raising=False)
        for name, value in re.findall(r"(\w+)=(\S+)", setting or ""):
            monkeypatch.setenv(name, value)
        exec(code, {})
        return capsys.readouterr().out

    return run_there


def test_the_loader_of_lesson_21_reads_it(home, text):
    skills = skills_in(home / FOLDER)
    assert [*skills] == ["course-tutor"]
    assert "Use when" in skill_list(skills)
    assert skill_reader(skills)("course-tutor") == text


def test_each_file_that_it_names_is_there(home, text):
    named = re.findall(r"`([\w/.]+/[\w/.]+|answer\.py|start\.py)`", text)
    assert len(named) >= 8
    made_later = {"notebooks/progress", "answer.py", ".venv"}
    for name in {*named} - made_later:
        assert (home / name.replace("NN_topic.ipynb", "03_parallel.ipynb")).exists(), name
    assert (home / "start.py").is_file() and "`python3 start.py`" in text
    assert "Ask back:" in (home / "teaching/lessons/03_parallel.md").read_text(encoding="utf-8")


def test_its_commands_print_the_map_and_what_a_check_says(home, text, tmp_path, typed):
    shows, checks = commands(text)
    (tmp_path / "notebooks").mkdir()
    for path in home.glob("notebooks/[0-9]*.ipynb"):
        shutil.copy(path, tmp_path / "notebooks")
    shutil.copytree(home / "notebooks" / "exercises", tmp_path / "notebooks" / "exercises")
    printed = typed(shows)
    assert "03 · At the same time" in printed and printed.rstrip().endswith("00_start_here.")
    solution = load(home / "notebooks" / "exercises" / "03_parallel" / "solutions.py")
    (tmp_path / "answer.py").write_text("async def two_at_a_time(jobs):\n    return {}\n", "utf-8")
    assert "two_at_a_time: ✗" in typed(checks)
    shutil.copy(solution.__file__, tmp_path / "answer.py")
    assert "two_at_a_time: ✓" in typed(checks)
    assert not (tmp_path / "notebooks" / "progress").exists()


def test_its_first_rule_comes_before_anything_that_gives_an_answer_away(text):
    head, _, body = text.partition("\n# ")
    assert "never the solution first" in head
    steps = body.partition("## With an exercise")[2].partition("## Rules")[0]
    solution = steps.index("solutions.py")
    assert 0 < steps.index("two tries of their own, don't open") < solution
    for earlier in ("Ask what they tried", "Let them run the check", "one hint at a time"):
        assert steps.index(earlier) < solution
    assert "Never give the solution first" in text
