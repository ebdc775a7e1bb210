"""What is wrong in a project without notebooks: secrets, recordings that do not load, retired
models, replies that nothing plays.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..bench import recordings
from ..bench.recordings import Recording, RecordingError
from ..bench.secrets import secrets_in
from .check_notebooks import USE_ANOTHER, about_exchange, flaw_of_model, models_in_recording
from .notebooks import NotebookError, code_cells, read_notebook

TEXTS = (".py", ".ipynb", ".yaml", ".yml", ".part", ".json", ".toml", ".cfg", ".ini", ".md", ".txt")
LARGEST = 50_000_000  # bytes; what is larger is data
# with a family's name or a number: "claude-code" is no model
MODEL = re.compile(r"""["'](claude-(?=[\w.-]*(?:\d|instant))[\w.-]+)["']""")


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The texts in these files and folders; no hidden ones, and no installed packages."""
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
            if not (path / "pyvenv.cfg").exists():
                yield from _texts_in(path)
        elif path.suffix in TEXTS and path.stat().st_size < LARGEST:
            yield path


def check_files(files: list[Path], named: list[Path], used: Path | None) -> tuple[list[str], int]:
    """The findings, each with the way to fix it, and how many recordings there are. named: files
    that were asked for one by one. used: what tests played, as MAS_USED has it.
    """
    findings = [finding for path in files for finding in secrets_in(path)]
    loaded: dict[Path, Recording] = {}
    code: dict[Path, str] = {}
    for path in files:
        try:
            if _is_recording(path, path in named):
                loaded[path] = recordings.load(path)
            elif path.suffix == ".py":
                code[path] = path.read_text(encoding="utf-8", errors="replace")
            elif path.suffix == ".ipynb":
                cells = code_cells(read_notebook(path))
                code[path] = "\n".join(cell.source for cell in cells if not cell.may_fail)
        except (RecordingError, NotebookError) as error:
            findings.append(" ".join(str(error).split()))
    for path, source in code.items():
        findings += _models_in(path, source)
    for path, recording in loaded.items():
        findings += models_in_recording(path, recording)
    findings += _never_opened(loaded, code)
    if used is not None:
        findings += _never_played(loaded, used)
    return findings, len(loaded)


def _is_recording(path: Path, asked_for: bool) -> bool:
    """True for a YAML file that is one, or should be: it is in a folder of recordings, or was asked
    for by itself.
    """
    if path.suffix not in (".yaml", ".yml"):
        return False
    if asked_for or path.parent.name == "recordings":
        return True
    head = path.read_text(encoding="utf-8", errors="replace")[:2000]
    return head.startswith("format: ") and "\nexchanges:" in head


def _models_in(path: Path, source: str) -> Iterator[str]:
    for model in dict.fromkeys(MODEL.findall(source)):
        if flaw := flaw_of_model(model):
            line = source.count("\n", 0, source.index(model)) + 1
            where = f"{path}, line {line}" if path.suffix == ".py" else path
            yield f"{where}: model {model!r} {flaw}. {USE_ANOTHER}"


def _never_opened(loaded: dict[Path, Recording], code: dict[Path, str]) -> Iterator[str]:
    """Recordings whose name stands nowhere in the code; none where the code makes up names."""
    opened: set[str] = set()
    texts: set[str] = set()
    for source in code.values():
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
