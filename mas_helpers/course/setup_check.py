"""check_setup(): whether this computer is ready for the course, and what to fix."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from ..bench.client import recordings_folder
from ..bench.modes import ModeError, current_mode
from ..bench.recordings import RecordingError, load
from ..bench.time.loop import is_on_this_machine
from .exercises import Line

# stock macOS, Debian and Ubuntu have no `python`, stock Windows has neither that nor `python3`
START = "py start.py" if os.name == "nt" else "python3 start.py"


def check_setup() -> Line:
    """One line if all is well; otherwise what is wrong and how to fix it, a line each."""
    problems = [*_wrong_versions(), *_wrong_mode()]
    if problems:
        return Line("\n".join(["Not ready:", *(f"- {problem}" for problem in problems)]))
    if current_mode() == "replay":
        return Line("Ready. Mode: replay. No key is needed, and nothing leaves this computer.")
    place = _server_on_this_machine()
    where = f"{place}, on this machine" if place else "the API and are paid for"
    return Line(f"Ready. Mode: {current_mode()}. Calls go to {where}.")


def _server_on_this_machine() -> str:
    """The address of the one that is asked instead of the API, or ""."""
    address = os.environ.get("ANTHROPIC_BASE_URL", "")
    host = urlsplit(address).hostname
    return address if host and is_on_this_machine(host) else ""


def _wrong_versions() -> list[str]:
    from packaging.requirements import Requirement

    wrong = []
    for needed in map(Requirement, importlib.metadata.requires("mas-helpers") or []):
        if needed.marker and not needed.marker.evaluate({"extra": "course"}):
            continue
        try:
            installed = importlib.metadata.version(needed.name)
        except importlib.metadata.PackageNotFoundError:
            installed = "not there"
        if installed == "not there" or not needed.specifier.contains(installed, prereleases=True):
            wrong.append(
                f"{needed.name} is {installed}; the course needs {needed.specifier}. "
                f"Run: {START} setup"
            )
    return wrong


def _wrong_mode() -> list[str]:
    try:
        keyless = current_mode() != "replay" and not os.environ.get("ANTHROPIC_API_KEY")
    except ModeError as error:
        return [str(error)]
    if keyless and not _server_on_this_machine():
        return [
            "No ANTHROPIC_API_KEY is set. Set it before you start JupyterLab, "
            "or unset MAS_MODE to replay."
        ]
    return list(_unreadable_recordings()) if current_mode() == "replay" else []


def _unreadable_recordings() -> Iterator[str]:
    folder = recordings_folder()
    if not folder.is_dir():
        yield f"No folder {folder}: start JupyterLab with {START}."
    for lesson in sorted(folder.parent.glob("[0-9][0-9]_*.ipynb")):
        if f'connect(\\"{lesson.stem}' not in lesson.read_text(encoding="utf-8"):
            continue  # it asks nothing
        try:
            load(folder / f"{lesson.stem}.yaml")
        except RecordingError as error:
            yield str(error)
