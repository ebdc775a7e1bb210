"""What is wrong with notebooks and recordings: requests and replies that don't match, retired
models, secrets.
"""

from __future__ import annotations

import datetime
import functools
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar, get_args

import anthropic

from ..bench import recordings
from ..bench.recordings import Exchange, Recording, RecordingError
from ..bench.secrets import secrets_in
from ..bench.time.loop import is_on_this_machine
from .notebooks import (
    Cell,
    Failures,
    NotebookError,
    Progress,
    code_cells,
    locate,
    read_notebook,
    run_cells,
    strict_replay_environment,
)

T = TypeVar("T")
USE_ANOTHER = "Use a current one, then record it again."
Program = Callable[[Path, Path], Iterator[str]]


def check(
    notebooks: list[Path],
    files: list[Path],
    *,
    everything: bool,
    run: Callable[[str], Progress] | None,
    programs: Mapping[str, Program],
) -> list[str]:
    """The findings, each with the way to fix it. everything: these are all the notebooks there are,
    so it can say that a recording is unused.

    run: how to show the progress of each notebook; with None, nothing is run. programs: what plays
    a recording that belongs to no notebook, by the recording's name; it gets the recording's path
    and the file that lists what was played.
    """
    modules = [path for folder in _folders(notebooks) for path in sorted(folder.glob("*.py"))]
    findings = [finding for path in notebooks + modules + files for finding in secrets_in(path)]
    cells = dict(_readable(notebooks, lambda path: list(code_cells(read_notebook(path))), findings))
    loaded = dict(_readable(files, recordings.load, findings))
    on_purpose = refused_models(loaded.values())
    for path in cells:
        for cell in cells[path]:
            findings += models_in_cell(path, cell, on_purpose)
    for path in modules:  # that cells can import
        findings += models_in_module(path, path.read_text(encoding="utf-8"), on_purpose)
    for path in loaded:
        findings += models_in_recording(path, loaded[path])
    named = {lesson for path in cells for lesson in _lessons(path, cells[path])}
    if everything:
        findings += [
            f"{path}: belongs to no notebook. "
            "Delete it, or give it the name that its notebook connects to."
            for path in files
            if path.stem not in {*named, *programs}
        ]
    findings += _in_replay(cells, loaded, run, programs) if run else _without_recording(cells)
    return findings


def _folders(notebooks: list[Path]) -> list[Path]:
    return list(dict.fromkeys(path.parent for path in notebooks))


def _readable(
    paths: list[Path], reader: Callable[[Path], T], findings: list[str]
) -> Iterator[tuple[Path, T]]:
    for path in paths:
        try:
            yield path, reader(path)
        except (NotebookError, RecordingError) as error:
            findings.append(" ".join(str(error).split()))


def _lessons(path: Path, cells: list[Cell]) -> set[str]:
    """The lessons whose recordings a notebook may use, judging by its source."""
    return {path.stem}.union(*(_CONNECT.findall(cell.source) for cell in cells))


_CONNECT = re.compile(r"\bconnect\(\s*[\"']([\w.-]+)[\"']")


def _without_recording(notebooks: dict[Path, list[Cell]]) -> Iterator[str]:
    for path, cells in notebooks.items():
        for cell in cells:
            for lesson in [] if cell.may_fail else _CONNECT.findall(cell.source):
                if not (path.parent / "recordings" / f"{lesson}.yaml").exists():
                    yield (
                        f"{path.stem}, cell {cell.number}: nothing is recorded for {lesson!r}. "
                        f"Record it: python -m mas_helpers record {path.stem}"
                    )


def _in_replay(
    notebooks: dict[Path, list[Cell]],
    loaded: dict[Path, Recording],
    progress: Callable[[str], Progress],
    programs: Mapping[str, Program],
) -> Iterator[str]:
    """Runs the notebooks in strict replay: finds requests and replies that don't match."""
    ran = {path.resolve() for path in notebooks}
    others = {
        path for folder in {path.parent for path in ran} for path in folder.glob("*.ipynb")
    } - ran
    unknown = set()  # lessons that a notebook uses which does not run now, or not to its end
    for path, cells in _readable(
        sorted(others), lambda path: list(code_cells(read_notebook(path))), []
    ):
        unknown |= _lessons(path, cells)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        used = Path(folder) / "used"
        used.touch()
        for path, cells in notebooks.items():
            lines_before = len(_read_lines(used))
            findings = list(_problems_of_a_run(path, used, progress(path.stem)))
            if not findings:
                missed = [
                    line[2] for line in _read_lines(used)[lines_before:] if line[1] == "missed"
                ]
                findings = [
                    f"{path.stem}: {text} (Its own code caught the error.)" for text in missed
                ]
            if findings:
                unknown |= _lessons(path, cells)
            yield from findings
        for path in loaded:
            if path.stem in programs:
                yield from programs[path.stem](path, used)
        played = set(_read_lines(used))
    for path, recording in loaded.items():
        for number, exchange in enumerate(recording.exchanges, 1):
            if path.stem not in unknown and (path.stem, str(number - 1)) not in played:
                which = f"reply {number} of {len(recording.exchanges)}"
                yield (
                    f"{path}: {which} is used by no cell ({about_exchange(exchange)}). "
                    f"Record it again without: python -m mas_helpers record {path.stem}"
                )


def _read_lines(used: Path) -> list[tuple[str, ...]]:
    return [tuple(line.split("\t")) for line in used.read_text(encoding="utf-8").splitlines()]


def _problems_of_a_run(path: Path, used: Path, progress: Progress) -> Iterator[str]:
    """Each cell whose request has no reply; of other failures only the first, because the rest may
    follow from it.
    """
    failures: Failures = []
    try:
        run_cells(
            path,
            strict_replay_environment(used),
            progress=progress,
            seconds_per_cell=120,
            failures=failures,
        )
    except NotebookError as error:
        yield " ".join(str(error).split())
        return
    for number, (cell, errors) in enumerate(failures):
        for message in errors:
            kind, _, text = message.partition(": ")
            if kind in ("MissingRecording", "RecordingError"):
                problem = " ".join(re.split("Two ways on:|To record it:", text)[0].split())
                yield (
                    f"{locate(path, cell)}: {problem} "
                    f"Undo the edit, or record it: python -m mas_helpers record {path.stem}"
                )
            elif number == 0:
                yield " ".join(f"{locate(path, cell)}: {message}".split())


def about_exchange(exchange: Exchange) -> str:
    """Who asked what, in words: `"agent worker: 'Name what is good'"`."""
    body = exchange.request["body"] if isinstance(exchange.request["body"], dict) else {}
    content = (body.get("messages") or [{}])[-1].get("content", "")
    if not isinstance(content, str):
        content = " ".join(str(block.get("text") or block.get("type")) for block in content)
    agent = f"agent {exchange.agent}" if exchange.agent else "no agent"
    return f"{agent}: {' '.join(content.split()[:8])!r}"


def models_in_recording(path: Path, recording: Recording) -> Iterator[str]:
    """The models that were asked and are retired, soon or already, or unknown; a server on this
    machine may have models of its own.
    """
    asked: dict[str, list[int]] = defaultdict(list)
    for number, exchange in enumerate(recording.exchanges, 1):
        body, reply = exchange.request["body"], exchange.reply
        is_call = exchange.request["path"].startswith("/v1/messages")
        if is_call and reply and reply.status < 400 and "model" in (body or ""):
            asked[body["model"]].append(number)
    is_own = is_on_this_machine(recording.source)
    for model, numbers in asked.items():
        if is_own and not model.startswith("claude"):
            continue
        if flaw := flaw_of_model(model):
            where = f"reply {', '.join(map(str, numbers))}"
            yield f"{path}: model {model!r} {flaw} ({where}). {USE_ANOTHER}"


def refused_models(loaded: Iterable[Recording]) -> set[str]:
    """Models that the API didn't know while it was recorded: a lesson shows that."""
    return {
        exchange.request["body"]["model"]
        for recording in loaded
        for exchange in recording.exchanges
        if exchange.reply and exchange.reply.status == 404
        if "model" in (exchange.request["body"] or "")
    }


def models_in_cell(path: Path, cell: Cell, on_purpose: set[str]) -> Iterator[str]:
    """The models that a cell names and that are retired, soon or already, or unknown."""
    for model in [] if cell.may_fail else dict.fromkeys(MODEL.findall(cell.source)):
        flaw = flaw_of_model(model)
        if flaw and model not in on_purpose:
            yield f"{path}, cell {cell.number}: model {model!r} {flaw}. {USE_ANOTHER}"


def models_in_module(path: Path, source: str, on_purpose: set[str]) -> Iterator[str]:
    """The models that the code names and that are retired, soon or already, or unknown."""
    for model in dict.fromkeys(MODEL.findall(source)):
        flaw = flaw_of_model(model)
        if flaw and model not in on_purpose:
            line = source.count("\n", 0, source.index(model)) + 1
            yield f"{path}, line {line}: model {model!r} {flaw}. Use a current one."


# in quotes, with a number or an old family's name: "claude-code" is no model
MODEL = re.compile(r"""["'](claude-(?=[\w.-]*(?:\d|instant))[\w.-]+)["']""")
SOON = 60  # days


def flaw_of_model(model: str, today: datetime.date | None = None) -> str:
    """`'was retired on 2026-06-15'`, `'ends on 2026-11-30, in 3 days'` (60 or fewer), `'is not one
    that anthropic 2.14.0 knows; …'`, or `''`.
    """
    last_day = retirements().get(model)
    if last_day is not None:
        left = (last_day - (today or datetime.date.today())).days
        if left <= 0:
            return f"was retired on {last_day}"
        soon = f"ends on {last_day}, in {left} day{'' if left == 1 else 's'}"
        return soon if left <= SOON else ""
    if model in known_models():
        return ""
    sdk = f"anthropic {anthropic.__version__}"
    return f"is not one that {sdk} knows; it may be retired or misspelled"


@functools.cache
def retirements() -> dict[str, datetime.date]:
    """The last day of each model that has one: `{"claude-sonnet-4-5": date(2026, 11, 30), …}`."""
    from anthropic.resources.messages import DEPRECATED_MODELS

    days = {
        model: re.sub(r"(\d)(st|nd|rd|th)", r"\1", day) for model, day in DEPRECATED_MODELS.items()
    }
    return {
        model: datetime.datetime.strptime(day, "%B %d, %Y").date() for model, day in days.items()
    }


@functools.cache
def known_models() -> frozenset[str]:
    """The models that the installed SDK lists."""
    from anthropic.types import Model

    return frozenset(name for part in get_args(Model) for name in get_args(part))
