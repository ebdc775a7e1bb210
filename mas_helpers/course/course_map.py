"""What each lesson says of itself in its opening, and what follows from it: the parts of the
course, and what to read before a lesson.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from .notebooks import NotebookError, read_notebook

# the first lesson of each part
PARTS = {
    "00": "one agent, four patterns",
    "06": "systems",
    "12": "failure",
    "16": "production",
}


class Opening(NamedTuple):
    """A lesson's first cell: `Opening("07_orchestrator", "07 · An orchestrator", 25, 45, ("01",
    "03", "06"))`; `needs` are the lessons that it links as *From before*.
    """

    name: str
    title: str
    read: int  # minutes
    practise: int  # minutes
    needs: tuple[str, ...]

    @property
    def number(self) -> str:
        return self.name[:2]


def read_course(notebooks: Path) -> dict[str, Opening]:
    """The opening of each lesson in a folder under its number, in order; none for a file that
    can't be read.
    """
    found = {}
    for path in sorted(notebooks.glob("[0-9][0-9]_*.ipynb")):
        try:
            cells = read_notebook(path)["cells"]
        except NotebookError:
            continue
        found[path.name[:2]] = read_opening(path.stem, cells[0]["source"] if cells else "")
    return found


def read_opening(name: str, text: str) -> Opening:
    """What the text of a lesson's first cell says; 0 minutes and no needs where it says nothing."""
    title = re.match(r"# (.+)", text)
    minutes = re.search(r"(\d+) to read, (\d+) to practise", text)
    read, practise = map(int, minutes.groups()) if minutes else (0, 0)
    before = re.search(r"\*\*From before:\*\* (.+)", text)
    needs = re.findall(r"\]\((\d\d)_\w+\.ipynb", before[1]) if before else []
    return Opening(name, title[1] if title else name, read, practise, tuple(sorted(set(needs))))


def read_before(course: Mapping[str, Opening], numbers: Iterable[str]) -> list[str]:
    """What has to be read before these lessons and isn't one of them, in order: what they need,
    what that needs, and so on.
    """
    wanted = set(numbers)
    found: set[str] = set()
    left = [*wanted]
    while left:
        needs = set(course[left.pop()].needs) - found
        found |= needs
        left += needs
    return sorted(found - wanted)


def part_of(lesson: Opening) -> int:
    """Which part a lesson is in, from 1 on."""
    return sum(first <= lesson.number for first in PARTS)


def part_title(part: int) -> str:
    """`"Part 2: systems"`."""
    return f"Part {part}: {[*PARTS.values()][part - 1]}"
