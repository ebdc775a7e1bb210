"""The checks of 26_capstone reject the wrong answers that people give, in words; and what the
lesson quotes of its desks is in them.
"""

import asyncio
import importlib
import re
import sys

import pytest
from answers import unfolded

from mas_helpers import run
from mas_helpers.course.exercises import load
from mas_helpers.course.notebooks import read_notebook


def looks_at_once(play):
    ask, paid = play("care")
    run(asyncio.wait([ask()]), clock="virtual")


def asks_nobody(play):
    assert play("care")


def calls_with_a_ticket(play):
    ask, _ = play("care")
    run(ask("T-1"), clock="virtual")


def knows_another_source(play):
    play("rent")


def lets_an_error_propagate(play):
    for slow in ("fees", "sizes", "care", "writer"):
        ask, paid = play(slow)
        run(ask(), clock="virtual")


async def is_async(play):
    await play("care")[0]()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (looks_at_once, "your code raised an error"),
        (asks_nobody, "did your test ask"),
        (calls_with_a_ticket, "The letter is in it: await ask()."),
        (knows_another_source, "fees, sizes, care, writer, or nothing"),
        (lets_an_error_propagate, "An error that says why is an outcome"),
        (is_async, "Begin it with `def`"),
    ],
)
def test_tenth_tests_that_are_wrong(graded, answer, said):
    result = graded("26_capstone", "nothing_goes_on", answer)
    assert result.passed is False and said in str(result), str(result)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda workers, writer, usd: 0.01, "return dollars, seconds"),
        (lambda workers, writer, usd: ("0.01", 29), "The writer reads what the workers wrote"),
        (lambda workers, writer, usd: (0.0082, None), "one worker: seconds"),
        (lambda workers, writer, usd: (0.0082, 29), "three workers: dollars"),
    ],
)
def test_estimates_that_are_wrong(graded, answer, said):
    result = graded("26_capstone", "worst_case", answer)
    assert result.passed is False and said in str(result), str(result)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (7, "a path"),
        ("../no_such_folder", "isn't there"),
        (("../my_system", 4), "1, 2 or 3"),
        (("../my_system", True), "1, 2 or 3"),
    ],
)
def test_systems_that_are_none(graded, answer, said):
    result = graded("26_capstone", "my_system", answer)
    assert result.passed is False and said in str(result), str(result)


@pytest.fixture
def alder(home, monkeypatch):
    """What stands beside the lesson, as its cells import it."""
    monkeypatch.syspath_prepend(str(home / "notebooks"))
    return importlib.import_module("alder_street")


@pytest.fixture
def notebook(home):
    return read_notebook(home / "notebooks" / "26_capstone.ipynb")


def test_a_project_has_its_names_for_itself(alder):
    assert not alder.NAMES & sys.modules.keys() and not set(alder.PLACES) & {*sys.path}
    desk = alder.load("first")
    assert desk.DeskError is alder.DeskError and not alder.NAMES & sys.modules.keys()


def test_the_lines_that_the_lesson_quotes_are_those_of_the_desks(alder, notebook):
    prose = "\n".join(cell["source"] for cell in unfolded(notebook))
    solution = (alder.ANSWERS / "solution.py").read_text(encoding="utf-8")
    quoted = re.findall(r"```python\n(.+?)```", prose.partition("## The first desk")[2], re.S)
    for name, lines in zip(alder.SUSPECTS, quoted, strict=True):
        assert lines in alder.SUSPECTS[name].source(), name
        assert lines not in solution, name


def test_each_desk_fails_what_the_lesson_shows(alder, notebook):
    outputs = "".join(str(cell.get("outputs")) for cell in notebook["cells"])
    for name in ("first", "second", "third"):
        assert f"It was {alder.SUSPECTS[name].fails}." in outputs


def test_the_fourth_desk_pays_after_its_answer(alder):
    ask, paid = alder.play(alder.load("fourth"), "care")

    async def watch():
        await ask()
        at_once = paid()
        await asyncio.sleep(7200)
        return paid() - at_once

    assert run(watch(), clock="virtual") > 0


def test_the_project_in_the_lesson_is_the_template(home, notebook):
    [tree] = [c["source"] for c in notebook["cells"] if "├─ README.md" in c["source"]]
    template = home / "examples" / "my_system"
    for path in re.findall(r"[├└]─ (\S+)", tree):
        assert (template / path).exists(), path


def test_the_check_catches_the_error_that_the_cells_know(alder):
    checks = load(alder.EXAMPLES.parent / "notebooks" / "exercises" / "26_capstone" / "checks.py")
    assert checks.alder is alder
