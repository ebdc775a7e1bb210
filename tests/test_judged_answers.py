"""Right and wrong answers to the exercises, as people write them: each check tells them apart.

A file `answers/NN_topic/right_<exercise>_<what it does>.py`, or `wrong_…`, is one answer: it runs
like the cell with the blank, then the cell with the check runs. `before.py` in a folder is what the
cells of the lesson above have defined.
"""

import ast
import re
from pathlib import Path

import pytest
from answers import calls

from mas_helpers.course import exercises
from mas_helpers.course.exercises import Checks, load
from mas_helpers.course.notebooks import read_notebook

HERE = Path(__file__).parent / "answers"
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
FILES = sorted(HERE.glob("*/*_*.py"))


def check_cells(lesson):
    """The cells that call a check, by exercise."""
    cells = read_notebook(NOTEBOOKS / f"{lesson}.ipynb")["cells"]
    return {exercise: cell["source"] for cell in cells for exercise, _ in calls(cell)}


LESSONS = {folder.name: check_cells(folder.name) for folder in sorted(HERE.iterdir())}


def exercise_of(path):
    """The exercise that a file answers: the longest name of the lesson that fits."""
    names = [n for n in LESSONS[path.parent.name] if path.stem.split("_", 1)[1].startswith(f"{n}_")]
    assert names, f"{path.name} names no exercise of its lesson"
    return max(names, key=len)


def grade(path, monkeypatch):
    """What the lesson's check says of the answer in a file."""
    lesson = path.parent.name
    monkeypatch.chdir(NOTEBOOKS)
    if not path.name.startswith("right_"):  # a right one may take its time on a busy machine
        monkeypatch.setattr(exercises, "SECONDS_OF_WORK", 0.5)
    cells = {
        "__name__": "__main__",
        "check": Checks(load(NOTEBOOKS / f"exercises/{lesson}/checks.py")),
    }
    for file in (path.parent / "before.py", path):
        if file.exists():
            exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), cells)
    *lines, call = ast.parse(LESSONS[lesson][exercise_of(path)]).body
    exec(compile(ast.Module(lines, []), "check", "exec"), cells)
    return eval(compile(ast.Expression(call.value), "check", "eval"), cells)


def with_its_pace(path):
    """The file as a case; the checks of lesson 14 play some hundred schedules of faults."""
    slow = [pytest.mark.slow] if path.parent.name == "14_failure_injection" else []
    return pytest.param(path, marks=slow, id=f"{path.parent.name[:2]}-{path.stem}")


# an answer that is stopped may be in a callback of the garbage collector's just then
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("path", [with_its_pace(path) for path in FILES])
def test_each_answer_is_told_rightly(path, monkeypatch, capsys):
    result = grade(path, monkeypatch)
    assert result.passed is path.name.startswith("right_"), str(result)
    if not result.passed:
        said = str(result)
        assert result.hint, said
        assert result.yours != result.expected, said
        assert not re.search(r"<class|<function|<bound| at 0x", said), said


@pytest.mark.parametrize("lesson", LESSONS)
def test_there_are_enough_of_each_kind(lesson):
    for exercise in LESSONS[lesson]:
        kinds = [
            path.name.split("_")[0]
            for path in (HERE / lesson).glob("*_*.py")
            if exercise_of(path) == exercise
        ]
        assert kinds.count("right") >= 5 and kinds.count("wrong") >= 6, f"{exercise}: {kinds}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name[:2]}-{path.stem}")
def test_each_file_says_first_what_is_right_or_wrong_with_it(path):
    kind, what = re.match(r"# (right|wrong): (.+)", path.read_text(encoding="utf-8")).groups()
    assert path.name.startswith(f"{kind}_") and what
