"""What the owner of a recording adds to an error about it: how to get the file back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Adviser = Callable[[Path], str]
_advisers: list[Adviser] = []


def advise(adviser: Adviser) -> Adviser:
    """Registers the function and returns it. It gets the path of a missing or damaged recording,
    and returns a sentence to add to the error, or `""` if the recording isn't its own.
    """
    _advisers.append(adviser)
    return adviser


def advice_on(path: Path) -> str:
    """What the advisers say about this recording; `""` if none says anything."""
    return " ".join(filter(None, (adviser(path) for adviser in _advisers)))
