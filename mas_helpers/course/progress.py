"""What a learner has passed: one small file for each exercise, in the folder `progress` beside the
notebooks.

One file each, so that two kernels that write at the same time lose nothing, and a copy of the
course's folder carries everything along. `MAS_PROGRESS` names another folder, or `off`: then
nothing is kept and nothing shown.
"""

from __future__ import annotations

import ast
import datetime
import os
import re
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from ..pictures.tables import Table, table
from .course_map import part_of, part_title, read_course, read_opening


class Lesson(NamedTuple):
    """A lesson of the map: `Lesson("03_parallel", ["two_at_a_time", …], {"two_at_a_time":
    "2026-11-20T…"})`.
    """

    name: str
    exercises: list[str]
    passed: dict[str, str]  # when, in the order of the exercises

    @property
    def left(self) -> list[str]:
        return [name for name in self.exercises if name not in self.passed]


def show_progress(notebooks: Path | str | None = None) -> Table:
    """The map of the course as a Table: its parts, each lesson with its minutes, the lessons that
    it needs, and its exercises passed; below it, where to go on.
    """
    home = _home(notebooks)
    lessons, course = _lessons(home), read_course(home)
    openings = [course.get(one.name[:2]) or read_opening(one.name, "") for one in lessons]
    rows: list[Sequence[object]] = []
    marked = {}  # what stands in a first cell, and its HTML
    for part, inside in groupby(zip(lessons, openings, strict=True), lambda pair: part_of(pair[1])):
        pairs = [*inside]
        heading = part_title(part)
        read = sum(opening.read for _, opening in pairs)
        practise = sum(opening.practise for _, opening in pairs)
        rows.append((heading, read, practise, "", ""))
        marked[heading] = f"<b>{heading}</b>"
        for one, opening in pairs:
            dots = "●" * len(one.passed) + "○" * len(one.left)
            rows.append(
                (opening.title, opening.read, opening.practise, ", ".join(opening.needs), dots)
            )
            marked[opening.title] = f'<a href="{one.name}.ipynb">{escape(opening.title)}</a>'
    advice = _where_to_go_on(lessons)
    shown = table(rows, ["lesson", "minutes to read", "to practise", "needs", "exercises passed"])
    html = shown.html
    for text, link in marked.items():
        html = html.replace(f">{escape(text)}</td>", f">{link}</td>")
    # of files, so nothing in them needs to be escaped
    names = "|".join(one.name for one in lessons)
    linked = re.sub(rf"\b({names})\b", r'<a href="\1.ipynb">\1</a>', advice)
    return Table(f"{html}<p>{linked}</p>", f"{shown.text}\n{advice}")


def forget_progress(lesson: str = "", notebooks: Path | str | None = None) -> str:
    """What was forgotten, in a sentence: the exercises passed in one lesson, `"03_parallel"`, or in
    all of them.

    Raises ValueError for an unknown lesson.
    """
    home = _home(notebooks)
    lessons = _lessons(home)
    if lesson:
        lessons = [one for one in lessons if one.name == lesson]
    if not lessons:
        names = ", ".join(one.name for one in _lessons(home))
        raise ValueError(f"There is no lesson {lesson!r}. There are: {names}.")
    files = [file for one in lessons for file in _files(home, one.name, [*one.passed]).values()]
    for file in files:
        file.unlink(missing_ok=True)
    return (
        f"Forgotten: {len(files)} of the exercises that you had passed. "
        "Your notebooks are as they were."
    )


def remember(home: Path, lesson: str, exercise: str) -> str:
    """How far the lesson is after this pass, `"2 of 3 exercises passed"`; after the last exercise
    what comes next, `"3 of 3 exercises: all of this lesson. Next: 04_pipeline.ipynb"`; what to fix
    where it cannot be kept.
    """
    folder = _folder(home)
    if not folder:
        return ""
    now = datetime.datetime.now().isoformat()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{lesson}.{exercise}").write_text(now, encoding="utf-8")
    except OSError as error:
        return (
            f"This pass is not remembered: {folder.resolve()} cannot be written ({error.strerror})."
        )
    here = _lesson(home, lesson)
    count = f"{len(here.passed)} of {len(here.exercises)} exercises"
    if here.left:
        return f"{count} passed"
    later = sorted(path.name for path in home.glob("[0-9][0-9]_*.ipynb") if path.stem > lesson)
    following = f"Next: {later[0]}" if later else "It is the last of the course."
    return f"{count}: all of this lesson. {following}"


def link_lessons(text: str) -> str:
    """HTML, with the notebooks that it names turned into links to them."""
    return re.sub(r"\b(\d\d_\w+)\.ipynb\b", r'<a href="\1.ipynb">\1</a>', text)


def exercises_of(checks: Path) -> list[str]:
    """The names of the checks in a file, in its order: `["two_at_a_time", "first_answer",
    "as_they_come"]`.
    """
    tree = ast.parse(checks.read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [name.removeprefix("check_") for name in names if name.startswith("check_")]


def _home(notebooks: Path | str | None) -> Path:
    places = [Path(notebooks)] if notebooks else [Path("."), Path("notebooks")]
    for place in places:
        if (place / "exercises").is_dir():
            return place
    where = " or ".join(str(place.resolve()) for place in places)
    raise FileNotFoundError(f"No lessons in {where}. Is the folder complete?")


def _folder(home: Path) -> Path | None:
    chosen = os.environ.get("MAS_PROGRESS") or home / "progress"
    return None if chosen == "off" else Path(chosen)


def _files(home: Path, lesson: str, exercises: list[str]) -> dict[str, Path]:
    """Where each pass is kept; `{}` if none is."""
    folder = _folder(home)
    return {name: folder / f"{lesson}.{name}" for name in exercises} if folder else {}


def _lessons(home: Path) -> list[Lesson]:
    folders = sorted(path.parent for path in home.glob("exercises/[0-9][0-9]_*/checks.py"))
    return [_lesson(home, folder.name) for folder in folders]


def _lesson(home: Path, name: str) -> Lesson:
    exercises = exercises_of(home / "exercises" / name / "checks.py")
    files = _files(home, name, exercises)
    passed = {
        exercise: path.read_text(encoding="utf-8")
        for exercise, path in files.items()
        if path.is_file()
    }
    return Lesson(name, exercises, passed)


def _where_to_go_on(lessons: list[Lesson]) -> str:
    """From where something was passed last: that lesson if it has more, else the next that has,
    else an earlier one.
    """
    latest = max(lessons, key=lambda one: max(one.passed.values(), default=""))
    if not latest.passed:
        return f"Begin with {lessons[0].name}."
    place = lessons.index(latest)
    here = next((one for one in lessons[place:] + lessons[:place] if one.left), None)
    if here is None:
        return "You have passed every exercise of the course."
    if not here.passed:
        return f"Go on with {here.name}."
    return (
        f"Go on in {here.name}, exercise {here.exercises.index(here.left[0]) + 1}: {here.left[0]}."
    )
