"""What is wrong with notebooks and recordings: requests and replies that do not fit, dead models,
secrets.
"""

from __future__ import annotations

import datetime
import functools
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar, get_args

import anthropic

from ..bench import recordings
from ..bench.recordings import Exchange, Recording, RecordingError
from ..bench.secrets import secrets_in
from .notebooks import (
    Cell,
    Failures,
    NotebookError,
    Progress,
    at,
    code_cells,
    read,
    replaying,
    run_cells,
)

T = TypeVar("T")
Program = Callable[[Path, Path], Iterator[str]]


def check(
    notebooks: list[Path],
    files: list[Path],
    *,
    everything: bool,
    run: Callable[[str], Progress] | None,
    programs: dict[str, Program],
) -> list[str]:
    """The findings, each with its mend. everything: there are no others, so one may say that a
    recording is unused.

    run: how to show the progress of each notebook; None: nothing is run. programs: what plays a
    recording that belongs to no notebook, by its name; it gets the recording's path and the file of
    what was played.
    """
    findings = [finding for path in notebooks + files for finding in secrets_in(path)]
    cells = dict(_readable(notebooks, lambda path: list(code_cells(read(path))), findings))
    loaded = dict(_readable(files, recordings.load, findings))
    on_purpose = _refused_models(loaded.values())
    for path in cells:
        for cell in cells[path]:
            findings += _models_in_cell(path, cell, on_purpose)
    for path in loaded:
        findings += _models_in_recording(path, loaded[path])
    named = {lesson for path in cells for lesson in _lessons(path, cells[path])}
    if everything:
        mend = "Delete it, or give it the name that its notebook connects to."
        findings += [
            f"{path}: belongs to no notebook. {mend}"
            for path in files
            if path.stem not in {*named, *programs}
        ]
    findings += _in_replay(cells, loaded, run, programs) if run else _without_recording(cells)
    return findings


def _readable(
    paths: list[Path], reader: Callable[[Path], T], findings: list[str]
) -> Iterator[tuple[Path, T]]:
    for path in paths:
        try:
            yield path, reader(path)
        except (NotebookError, RecordingError) as error:
            findings.append(" ".join(str(error).split()))


def _lessons(path: Path, cells: list[Cell]) -> set[str]:
    """The lessons whose recordings a notebook may use, as far as its source says it."""
    return {path.stem}.union(*(_CONNECT.findall(cell.source) for cell in cells))


_CONNECT = re.compile(r"\bconnect\(\s*[\"']([\w.-]+)[\"']")


def _without_recording(notebooks: dict[Path, list[Cell]]) -> Iterator[str]:
    for path, cells in notebooks.items():
        for cell in cells:
            for lesson in [] if cell.may_fail else _CONNECT.findall(cell.source):
                if not (path.parent / "recordings" / f"{lesson}.yaml").exists():
                    mend = f"Record it: python -m mas_helpers record {path.stem}"
                    yield f"{path.stem}, cell {cell.number}: nothing is recorded for {lesson!r}. {mend}"


def _in_replay(
    notebooks: dict[Path, list[Cell]],
    loaded: dict[Path, Recording],
    progress: Callable[[str], Progress],
    programs: dict[str, Program],
) -> Iterator[str]:
    """Runs the notebooks in strict replay: requests and replies that do not find each other."""
    ran = {path.resolve() for path in notebooks}
    others = {
        path for folder in {path.parent for path in ran} for path in folder.glob("*.ipynb")
    } - ran
    unknown = set()  # lessons that a notebook uses which does not run now, or not to its end
    for path, cells in _readable(sorted(others), lambda path: list(code_cells(read(path))), []):
        unknown |= _lessons(path, cells)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        used = Path(folder) / "used"
        used.touch()
        for path, cells in notebooks.items():
            heard_before = len(_lines(used))
            findings = list(_problems_of_a_run(path, used, progress(path.stem)))
            missed = [line[2] for line in _lines(used)[heard_before:] if line[1] == "missed"]
            findings = findings or [
                f"{path.stem}: {text} (Its own code caught the error.)" for text in missed
            ]
            unknown |= _lessons(path, cells) if findings else set()
            yield from findings
        for path in loaded:
            yield from programs[path.stem](path, used) if path.stem in programs else ()
        heard = set(_lines(used))
    for path, recording in loaded.items():
        for number, exchange in enumerate(recording.exchanges, 1):
            if path.stem not in unknown and (path.stem, str(number - 1)) not in heard:
                which = f"reply {number} of {len(recording.exchanges)}"
                mend = f"Record it anew without: python -m mas_helpers record {path.stem}"
                yield f"{path}: {which} is used by no cell ({_about(exchange)}). {mend}"


def _lines(used: Path) -> list[tuple[str, ...]]:
    return [tuple(line.split("\t")) for line in used.read_text(encoding="utf-8").splitlines()]


def _problems_of_a_run(path: Path, used: Path, progress: Progress) -> Iterator[str]:
    """Each cell whose request has no reply; another failure only if it is the first, else it may
    follow from one.
    """
    failures: Failures = []
    try:
        run_cells(path, replaying(used), progress=progress, seconds_per_cell=120, failures=failures)
    except NotebookError as error:
        yield " ".join(str(error).split())
        return
    for number, (cell, errors) in enumerate(failures):
        for error in errors:
            kind, _, text = error.partition(": ")
            if kind in ("MissingRecording", "RecordingError"):
                said = " ".join(re.split("Two ways on:|To record it:", text)[0].split())
                yield f"{at(path, cell)}: {said} Undo the edit, or record it: python -m mas_helpers record {path.stem}"
            elif number == 0:
                yield " ".join(f"{at(path, cell)}: {error}".split())


def _about(exchange: Exchange) -> str:
    body = exchange.request["body"] if isinstance(exchange.request["body"], dict) else {}
    last = (body.get("messages") or [{}])[-1].get("content", "")
    text = (
        last
        if isinstance(last, str)
        else " ".join(str(block.get("text") or block.get("type")) for block in last)
    )
    return f"{f'agent {exchange.agent}' if exchange.agent else 'no agent'}: {' '.join(text.split()[:8])!r}"


def _models_in_recording(path: Path, recording: Recording) -> Iterator[str]:
    asked: dict[str, list[int]] = defaultdict(list)
    for number, exchange in enumerate(recording.exchanges, 1):
        body, path_asked = exchange.request["body"], exchange.request["path"]
        if (
            path_asked.startswith("/v1/messages")
            and exchange.reply.status < 400
            and "model" in (body or "")
        ):
            asked[body["model"]].append(number)
    for model, numbers in asked.items():
        if flaw := flaw_of_model(model):
            where = f"reply {', '.join(map(str, numbers))}"
            yield f"{path}: model {model!r} {flaw} ({where}). Use a current one, then record it again."


def _refused_models(loaded: Iterable[Recording]) -> set[str]:
    """Models of which the API said, while it was recorded, that there are none: a lesson shows it."""
    return {
        exchange.request["body"]["model"]
        for recording in loaded
        for exchange in recording.exchanges
        if exchange.reply.status == 404 and "model" in (exchange.request["body"] or "")
    }


def _models_in_cell(path: Path, cell: Cell, on_purpose: set[str]) -> Iterator[str]:
    if cell.may_fail:
        return
    for model in dict.fromkeys(re.findall(r"[\"'](claude-[\w.-]+)[\"']", cell.source)):
        flaw = flaw_of_model(model)
        if flaw and model not in on_purpose:
            yield (
                f"{path}, cell {cell.number}: model {model!r} {flaw}. "
                "Use a current one, then record it again."
            )


def flaw_of_model(model: str, today: datetime.date | None = None) -> str:
    """`'was retired on 2026-06-15'`, `'is not one that anthropic 2.14.0 knows; …'`, or `''`."""
    retired = retirements().get(model)
    if retired is not None:
        return f"was retired on {retired}" if retired <= (today or datetime.date.today()) else ""
    if model in known_models():
        return ""
    sdk = f"anthropic {anthropic.__version__}"
    return f"is not one that {sdk} knows; it may be retired or misspelled"


@functools.cache
def retirements() -> dict[str, datetime.date]:
    """The last day of each model that has one: `{"claude-sonnet-4-5": date(2026, 11, 30), …}`."""
    from anthropic.resources.messages import DEPRECATED_MODELS

    days = {
        model: re.sub(r"(\d)(st|nd|rd|th)", r"\1", said)
        for model, said in DEPRECATED_MODELS.items()
    }
    return {
        model: datetime.datetime.strptime(day, "%B %d, %Y").date() for model, day in days.items()
    }


@functools.cache
def known_models() -> frozenset[str]:
    """The models that the installed SDK lists."""
    from anthropic.types import Model

    return frozenset(name for part in get_args(Model) for name in get_args(part))
