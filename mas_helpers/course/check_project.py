"""What is wrong in a project without notebooks: secrets, recordings that don't load, retired
models, replies that nothing plays.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..bench import recordings
from ..bench.recordings import Recording, RecordingError
from ..bench.secrets import secrets_in
from .check_notebooks import (
    about_exchange,
    models_in_cell,
    models_in_module,
    models_in_recording,
    refused_models,
)
from .notebooks import Cell, NotebookError, code_cells, read_notebook

TEXTS = (".py", ".ipynb", ".yaml", ".yml", ".part", ".json", ".toml", ".cfg", ".ini", ".md", ".txt")
LARGEST = 50_000_000  # bytes; what is larger is data


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The text files in these files and folders, without hidden ones and installed packages."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found.update(dict.fromkeys(_texts_in(path)))
        else:
            found[path] = None
    return list(found)


def _texts_in(folder: Path) -> Iterator[Path]:
    skipped = ("node_modules", "__pycache__", "site-packages")
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in skipped:
            continue
        if path.is_dir():
            if not (path.is_symlink() or (path / "pyvenv.cfg").exists()):
                yield from _texts_in(path)
        elif path.suffix in TEXTS and path.is_file() and path.stat().st_size < LARGEST:
            yield path


def check_files(files: list[Path], named: list[Path], used: Path | None) -> tuple[list[str], int]:
    """The findings, each with the way to fix it, and how many recordings there are. named: files
    that were asked for one by one. used: what the tests played, in the form of MAS_USED.
    """
    findings = [finding for path in files for finding in secrets_in(path)]
    loaded: dict[Path, Recording] = {}
    code: dict[Path, str] = {}
    cells: dict[Path, list[Cell]] = {}
    for path in files:
        try:
            if _is_recording(path, path in named):
                loaded[path] = recordings.load(path)
            elif path.suffix == ".py":
                code[path] = path.read_text(encoding="utf-8", errors="replace")
            elif path.suffix == ".ipynb":
                cells[path] = list(code_cells(read_notebook(path)))
        except (RecordingError, NotebookError) as error:
            findings.append(" ".join(str(error).split()))
    on_purpose = refused_models(loaded.values())
    for path, source in code.items():
        findings += models_in_module(path, source, on_purpose)
    for path in cells:
        for cell in cells[path]:
            findings += models_in_cell(path, cell, on_purpose)
    for path, recording in loaded.items():
        findings += models_in_recording(path, recording)
    sources = [*code.values(), *(cell.source for path in cells for cell in cells[path])]
    findings += _never_opened(loaded, sources)
    if used is not None:
        findings += _never_played(loaded, used)
    return findings, len(loaded)


def _is_recording(path: Path, asked_for: bool) -> bool:
    """True for a YAML file that is a recording, or should be: it's in a folder of recordings, or
    was asked for by name.
    """
    if path.suffix not in (".yaml", ".yml"):
        return False
    if asked_for or path.parent.name == "recordings":
        return True
    head = path.read_text(encoding="utf-8", errors="replace")[:2000]
    return head.startswith("format: ") and "\nexchanges:" in head


def _never_opened(loaded: dict[Path, Recording], sources: list[str]) -> Iterator[str]:
    """Recordings whose name appears nowhere in the code; none if the code builds names."""
    opened: set[str] = set()
    texts: set[str] = set()
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            if isinstance(node, ast.Call) and _called(node) in ("connect", "recordings"):
                name = node.args[0] if node.args else None
                if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
                    return
                opened.add(name.value)
    for path in loaded:
        if opened and path.stem not in texts:
            yield f"{path}: no code here names {path.stem!r}. Delete it if nothing plays it."


def _called(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def _never_played(loaded: dict[Path, Recording], used: Path) -> Iterator[str]:
    lines = used.read_text(encoding="utf-8").splitlines()
    played = {tuple(line.split("\t")[:2]) for line in lines}
    for path, recording in loaded.items():
        for number, exchange in enumerate(recording.exchanges, 1):
            if (path.stem, str(number - 1)) not in played:
                which = f"reply {number} of {len(recording.exchanges)}"
                yield (
                    f"{path}: {which} was played by nothing ({about_exchange(exchange)}). "
                    "Delete the file and record it again, if that is right."
                )
