"""What the owner of a recording adds to an error about it: how to get that file back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Adviser = Callable[[Path], str]
_advisers: list[Adviser] = []


def advise(adviser: Adviser) -> Adviser:
    """The function itself, registered: it gets the path of a recording that is missing or damaged,
    and returns a sentence to add to the error, or `""` where the recording isn't its own.
    """
    _advisers.append(adviser)
    return adviser


def advice_on(path: Path) -> str:
    """What the advisers say about this recording, `""` where none does."""
    return " ".join(filter(None, (adviser(path) for adviser in _advisers)))
