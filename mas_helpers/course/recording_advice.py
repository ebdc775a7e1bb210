"""How to get a recording of the course back, for errors of the bench that can't read it."""

from __future__ import annotations

from pathlib import Path

from ..bench.advice import advise


@advise
def advice(path: Path) -> str:
    """The two ways to a recording of the course; `""` for a recording of any other project."""
    notebooks = path.absolute().parent.parent
    of_the_course = path.parent.name == "recordings" and any(notebooks.glob("[0-9][0-9]_*.ipynb"))
    if not of_the_course:
        return ""
    back = f"If it came with the course: git checkout -- {path.as_posix()}"
    if not (notebooks / f"{path.stem}.ipynb").exists():
        return f"{back} To record your own: set ANTHROPIC_API_KEY and MAS_MODE=record."
    return f"{back} To record it again: python -m mas_helpers record {path.stem}"
