"""What is passed is remembered beside the notebooks, carried by a copy, shown on the map, and can
be forgotten.
"""

import json
import os
import re
import shutil
import sys

import programs
import pytest

from mas_helpers import checks, show_progress
from mas_helpers.course import forget_progress
from mas_helpers.course.progress import exercises_of

CHECKS = {
    "00_start": "def check_nap(nap): return 'well'\ndef check_ask(ask): return 'well'\n",
    "01_agent": "from mas_helpers.course.exercises import expect\n"
    "def check_cut(cut): expect('cut', cut(), 7)\n",
    "02_router": "def helper(x): pass\ndef check_landed(landed): pass\n",
}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """The folder of three lessons, and a learner who works in it."""
    home = tmp_path / "notebooks"
    for name, text in CHECKS.items():
        (home / "exercises" / name).mkdir(parents=True)
        (home / "exercises" / name / "checks.py").write_text(text, encoding="utf-8")
        opening = {
            "cell_type": "markdown",
            "source": [f"# {name}\n", "**Minutes:** 10 to read, 12 to practise."],
        }
        (home / f"{name}.ipynb").write_text(json.dumps({"cells": [opening]}), encoding="utf-8")
    monkeypatch.delenv("MAS_PROGRESS")
    monkeypatch.chdir(home)
    return home


def add_lesson(home, name, text):
    """A lesson without a text, with these checks."""
    (home / "exercises" / name).mkdir(parents=True)
    (home / "exercises" / name / "checks.py").write_text(text, encoding="utf-8")
    (home / f"{name}.ipynb").write_text('{"cells": []}', encoding="utf-8")


def done(map_of_course):
    return re.findall(r"[●○]+", map_of_course.text)


def test_a_pass_is_remembered_and_shown(course):
    assert done(show_progress()) == ["○○", "○", "○"]
    assert show_progress().text.endswith("Begin with 00_start.")
    assert str(checks("00_start").nap(print)) == "nap: ✓ well\n  1 of 2 exercises passed"
    assert done(show_progress()) == ["●○", "○", "○"]
    assert show_progress().text.endswith("Go on in 00_start, exercise 2: ask.")
    assert str(checks("00_start").ask(print)).endswith(
        "2 of 2 exercises: all of this lesson. Next: 01_agent.ipynb"
    )
    assert show_progress().text.endswith("Go on with 01_agent.")


def html_of(result):
    return result._repr_mimebundle_()["text/html"]


def test_the_last_exercise_of_a_lesson_links_the_next_lesson_also_one_without_exercises(course):
    (course / "00_without.ipynb").write_text('{"cells": []}', encoding="utf-8")
    assert "<a " not in html_of(checks("00_start").nap(print))
    last = checks("00_start").ask(print)
    assert "2 of 2 exercises: all of this lesson. Next: 00_without.ipynb" in str(last)
    assert 'Next: <a href="00_without.ipynb">00_without</a>' in html_of(last)
    last = checks("02_router").landed(print)
    assert str(last).endswith("1 of 1 exercises: all of this lesson. It is the last of the course.")
    assert "<a " not in html_of(last)


def test_what_a_check_says_in_the_learners_words_becomes_no_link(course):
    wrong = checks("01_agent").cut(lambda: "<b>03_parallel.ipynb</b>")
    assert "03_parallel.ipynb" in html_of(wrong)
    assert "<a " not in html_of(wrong) and "<b>" not in html_of(wrong)


def test_nothing_is_remembered_of_a_wrong_answer_or_an_untouched_blank(course):
    assert checks("01_agent").cut(lambda: 8).passed is False
    assert checks("01_agent").cut(None).passed is None
    assert not (course / "progress").exists()


def test_a_pass_stays_when_a_later_try_is_wrong(course):
    checks("01_agent").cut(lambda: 7)
    checks("01_agent").cut(lambda: 8)
    assert done(show_progress()) == ["○○", "●", "○"]


def test_going_on_means_after_the_latest_pass_and_then_what_was_left_out(course):
    checks("02_router").landed(print)
    assert show_progress().text.endswith("Go on with 00_start.")
    checks("00_start").ask(print)
    checks("01_agent").cut(lambda: 7)
    assert show_progress().text.endswith("Go on in 00_start, exercise 1: nap.")
    checks("00_start").nap(print)
    assert show_progress().text.endswith("You have passed every exercise of the course.")


def test_the_latest_pass_of_a_lesson_counts_and_not_its_first(course):
    add_lesson(
        course, "03_many", "def check_a(x): pass\ndef check_b(x): pass\ndef check_c(x): pass"
    )
    checks("03_many").a(print)
    checks("00_start").nap(print)
    assert show_progress().text.endswith("Go on in 00_start, exercise 2: ask.")
    checks("03_many").b(print)
    assert show_progress().text.endswith("Go on in 03_many, exercise 3: c.")


def test_a_copy_of_the_folder_carries_it_along_whatever_the_times_of_its_files(
    course, tmp_path, monkeypatch
):
    checks("01_agent").cut(lambda: 7)
    checks("00_start").nap(print)
    shutil.copytree(course, tmp_path / "copy")
    for path in (tmp_path / "copy" / "progress").iterdir():
        os.utime(path, (0, 0))
    shutil.rmtree(course / "progress")
    assert show_progress(tmp_path / "copy").text.endswith("Go on in 00_start, exercise 2: ask.")
    monkeypatch.chdir(tmp_path / "copy")
    assert done(show_progress()) == ["●○", "●", "○"]


def test_it_is_forgotten_by_lesson_or_whole_and_nothing_else_is_deleted(course):
    checks("00_start").nap(print)
    checks("01_agent").cut(lambda: 7)
    (course / "progress" / "my notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"no lesson '01'. There are: 00_start, 01_agent, 02_router\."
    ):
        forget_progress("01")
    assert forget_progress("01_agent").startswith("Forgotten: 1 of the exercises")
    assert done(show_progress()) == ["●○", "○", "○"]
    assert forget_progress().startswith("Forgotten: 1 of")
    assert forget_progress().startswith("Forgotten: 0 of")
    assert [path.name for path in (course / "progress").iterdir()] == ["my notes.txt"]


@pytest.mark.slow
def test_two_kernels_at_once_lose_nothing(course):
    names = [f"check_{letter}{n}" for letter in "ab" for n in range(50)]
    add_lesson(course, "03_many", "\n".join(f"def {n}(x): pass" for n in names))
    code = """
import gc, sys
from mas_helpers import checks
gc.freeze()  # a check collects garbage, and the imports are none
for n in range(50):
    getattr(checks("03_many"), sys.argv[1] + str(n))(print)
"""
    kernels = [programs.popen([sys.executable, "-c", code, letter], cwd=course) for letter in "ab"]
    assert [kernel.wait() for kernel in kernels] == [0, 0]
    assert done(show_progress())[3] == "●" * 100


def test_a_folder_that_cannot_be_written_is_said_and_the_check_still_tells(course):
    (course / "progress").write_text("a file where the folder should be", encoding="utf-8")
    shown = str(checks("01_agent").cut(lambda: 7))
    assert (
        shown.startswith("cut: ✓")
        and "This pass is not remembered:" in shown
        and "cannot be written (" in shown
    )


def test_another_folder_can_be_named_and_off_keeps_nothing(course, tmp_path, monkeypatch):
    monkeypatch.setenv("MAS_PROGRESS", str(tmp_path / "mine"))
    checks("01_agent").cut(lambda: 7)
    assert done(show_progress()) == ["○○", "●", "○"] and not (course / "progress").exists()
    monkeypatch.setenv("MAS_PROGRESS", "off")
    assert str(checks("01_agent").cut(lambda: 7)) == "cut: ✓ "
    assert done(show_progress()) == ["○○", "○", "○"]
    assert forget_progress().startswith("Forgotten: 0")


def test_the_map_leads_to_each_lesson(course):
    targets = re.findall(r'<a href="([^"]+)">([^<]+)</a>', show_progress().html)
    assert targets == [(f"{name}.ipynb", name) for name in [*CHECKS, "00_start"]]


def test_elsewhere_it_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="No lessons in .* or .*notebooks"):
        show_progress()


def test_the_exercises_stand_in_each_lesson_in_the_order_of_their_checks(home):
    paths = sorted(home.glob("notebooks/exercises/*/checks.py"))
    assert len(paths) == len(list(home.glob("notebooks/[0-9]*.ipynb")))
    for path in paths:
        lesson = path.parent.name
        notebook = (home / "notebooks" / f"{lesson}.ipynb").read_text(encoding="utf-8")
        cells = json.loads(notebook)["cells"]
        called = re.findall(
            r"(?m)^check\.(\w+)\(", "\n".join("".join(cell["source"]) for cell in cells)
        )
        assert called == exercises_of(path), lesson
