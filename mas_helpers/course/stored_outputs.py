"""The outputs that a notebook stores: those of a strict replay, without anything that changes from
machine to machine.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import os
import re
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .notebooks import (
    NotebookError,
    Progress,
    code_cells,
    locate,
    run_cells,
    strict_replay_environment,
)

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
WIDGET = "application/vnd.jupyter.widget-view+json"
PACKAGE = Path(__file__).resolve().parents[2]


def store_outputs(
    path: Path, progress: Progress, revise: Callable[[Any], None] | None = None
) -> bool:
    """True if the file changed: its outputs are now those of a strict replay.

    `revise` may change the notebook's other cells before it is written. Raises NotebookError, and
    leaves the file as it was, if a cell fails or shows something that differs on other machines.
    """
    new = render(replay_notebook(path, progress, revise)).encode()
    if new == path.read_bytes():
        return False
    part = path.with_name(path.name + ".part")
    part.write_bytes(new)
    os.replace(part, path)
    return True


def replay_notebook(
    path: Path, progress: Progress, revise: Callable[[Any], None] | None = None
) -> Any:
    """The notebook with its new outputs, the same on every machine and at every run."""
    notebook = run_cells(path, strict_replay_environment(), progress=progress, seconds_per_cell=120)
    nbformat: Any = importlib.import_module("nbformat")

    if revise:
        revise(notebook)
    notebook = nbformat.from_dict(notebook)
    for name in ("widgets", "signature"):
        notebook.metadata.pop(name, None)
    notebook.metadata.update(kernelspec=KERNEL, language_info={"name": "python"})
    notebook.update(nbformat=4, nbformat_minor=5)
    set_ids(notebook.cells)
    for cell in notebook.cells:
        for name in ("execution", "trusted", "ExecuteTime"):
            cell.metadata.pop(name, None)
        if cell.cell_type == "code" and not cell.source.strip():
            cell.update(outputs=[], execution_count=None)
    for cell in code_cells(notebook):
        cleaned = (clean_output(output, cell.number) for output in cell.node["outputs"])
        outputs = [output for output in cleaned if output is not None]
        cell.node.update(outputs=outputs, execution_count=cell.number)
        for output in outputs:
            for text in find_local_texts(output, path.resolve().parent):
                raise NotebookError(
                    f"{locate(path, cell)} shows {text!r}, "
                    "which differs on other machines or at the next run"
                )
    return notebook


def render(notebook: Any) -> str:
    """The text of the file: what Jupyter would write, key by key in one order."""
    nbformat: Any = importlib.import_module("nbformat")

    nbformat.validate(notebook)
    return str(nbformat.v4.writes(notebook)) + "\n"


def set_ids(cells: list[Any]) -> None:
    """Gives an id to each cell that has none of its own, from its place and its source."""
    taken = set()
    for position, cell in enumerate(cells):
        wanted = cell.get("id", "")
        while not wanted or wanted in taken:
            wanted = hashlib.sha256(f"{position} {wanted} {cell.source}".encode()).hexdigest()[:8]
        taken.add(wanted)
        cell["id"] = wanted


def clean_output(output: Any, number: int) -> Any:
    """The output without what changes from run to run; None if nothing else was in it."""
    if output.output_type == "error":
        # Not the traceback: it holds paths, nbval does not compare it. Not []: a static page would
        # show nothing.
        output.traceback = [f"{output.ename}: {output.evalue}"]
    if "data" in output:
        output.data.pop(WIDGET, None)
        if not output.data:
            return None
    if output.output_type == "execute_result":
        output.execution_count = number
    return output


def find_local_texts(output: Any, folder: Path) -> Iterator[str]:
    """Paths of this machine and addresses in memory, also in pictures that are written as data
    URIs. `folder` is that of the notebook.
    """
    system = [Path.home(), Path.cwd(), Path(sys.prefix), Path(sysconfig.get_path("stdlib"))]
    paths = {folder, folder.parent, PACKAGE, *system} - {Path(folder.anchor)}
    written = {str(path) for path in paths} | {path.as_posix() for path in paths}
    written |= {text.replace("\\", "\\\\") for text in written}
    # the longest first, or a shorter one inside it would be reported
    escaped = [re.escape(text) + r"(?![\w-])" for text in sorted(written, key=len, reverse=True)]
    temporary = re.escape(tempfile.gettempdir()) + r"[/\\]+[\w.-]+"
    local = re.compile("|".join([*escaped, temporary, " at 0x[0-9a-fA-F]{6,}"]))
    for text in _list_texts(output):
        encoded = re.findall(r";base64,([\w+/=]+)", text)
        pictures = [base64.b64decode(code).decode(errors="replace") for code in encoded]
        for seen in [text, unquote(text), *pictures]:
            yield from local.findall(seen)


def _list_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _list_texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _list_texts(part)
