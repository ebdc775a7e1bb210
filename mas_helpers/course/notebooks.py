"""Notebooks from outside: reads them, runs them in a fresh kernel."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib.util
import json
import os
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

# each second: in cell k (None: done) of n, seconds since the start
Progress = Callable[[int | None, int, float], None]
# each cell that failed, and its error, or those in its group of errors
Failures = list[tuple["Cell", list[str]]]

STARTS = 3  # of a kernel: another process may take a port that it has just chosen


class NotebookError(Exception):
    """A notebook is missing, can't be read, or doesn't run to its end, in words for people."""


class Cell(NamedTuple):
    """A code cell; `number` counts code cells from 1, as the counter beside it does."""

    number: int
    source: str
    may_fail: bool
    node: dict[str, Any]


def read_notebook(path: Path) -> dict[str, Any]:
    """The notebook in a file, each source as one text. Raises NotebookError."""
    try:
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell.update(
                source="".join(cell["source"]),
                metadata=cell.get("metadata", {}),
                cell_type=cell["cell_type"],
            )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotebookError(
            f"{path}: not readable as a notebook ({type(error).__name__}: {error}). "
            f"Bring it back: git checkout -- {path.as_posix()}"
        ) from None
    return notebook


def code_cells(notebook: dict[str, Any]) -> Iterator[Cell]:
    """The code cells that Jupyter runs: empty ones don't count."""
    number = 0
    for node in notebook["cells"]:
        if node["cell_type"] == "code" and node["source"].strip():
            number += 1
            may_fail = "raises-exception" in node["metadata"].get("tags", [])
            yield Cell(number, node["source"], may_fail, node)


def kernel_environment(changes: dict[str, str | None]) -> dict[str, str]:
    """The environment for a kernel: this process's, with these changes; None removes a variable."""
    fixed = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    merged = {**os.environ, **fixed, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def strict_replay_environment(used: Path | None = None) -> dict[str, str]:
    """The environment of a strict replay: there, a request that was never recorded is an error."""
    changes: dict[str, str | None] = {
        name: None for name in os.environ if name.startswith(("ANTHROPIC_", "OPENAI_"))
    }
    changes["MAS_RECORDINGS"] = None
    changes["MAS_MODE"] = "replay"
    changes["MAS_STRICT"] = "1"
    changes["MAS_PROGRESS"] = "off"
    changes["MAS_USED"] = str(used) if used else None
    return kernel_environment(changes)


def require_kernel() -> None:
    """Raises NotebookError if the packages that run notebooks aren't installed."""
    for name in ("nbclient", "ipykernel"):
        if importlib.util.find_spec(name) is None:
            raise NotebookError(
                f"Running notebooks needs {name}. Install it: pip install 'mas-helpers[course]'"
            )


def run_cells(
    path: Path,
    environment: dict[str, str],
    *,
    progress: Progress = lambda number, count, seconds: None,
    seconds_per_cell: int | None = None,
    failures: Failures | None = None,
    finally_run: str = "",
) -> Any:
    """The notebook with its new outputs, run in a fresh kernel in its own folder; the file isn't
    touched.

    failures: a failing cell is added here and doesn't end the run. finally_run: code to run after
    the last cell. Raises NotebookError, and KeyboardInterrupt once the kernel has stopped.
    """
    require_kernel()
    nbformat: Any = importlib.import_module("nbformat")
    from nbclient import NotebookClient

    notebook = nbformat.from_dict(read_notebook(path))
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        allow_errors=True,
        record_timing=False,
        coalesce_streams=True,
        timeout=seconds_per_cell,
        # else each kernel warns that it listens on loopback without encryption
        extra_arguments=["--log-level=ERROR"],
    )

    async def run_all() -> None:
        async with _start_kernel(client, path, environment):
            cells, start = list(code_cells(notebook)), time.monotonic()

            def show(number: int | None) -> None:
                progress(number, len(cells), time.monotonic() - start)

            for cell in cells:
                async with _call_each_second(functools.partial(show, cell.number)):
                    errors = await _run_cell(client, path, cell)
                if errors and failures is None:
                    raise NotebookError(f"{locate(path, cell)} failed: {'; '.join(errors)}")
                if errors and failures is not None:
                    failures.append((cell, errors))
            show(None)
            if finally_run:
                await _run_after_last_cell(client, path, finally_run)

    # on Windows zmq has no use for the default loop
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(run_all())
    return notebook


@contextlib.asynccontextmanager
async def _start_kernel(
    client: Any, path: Path, environment: dict[str, str]
) -> AsyncIterator[None]:
    """Not nbclient's own: its signal handler turns Ctrl-C into a kernel that died."""
    for left in reversed(range(STARTS)):
        client.create_kernel_manager()
        await client.async_start_new_kernel(env=environment, cwd=str(path.resolve().parent))
        try:
            await client.async_start_new_kernel_client()
            break
        except RuntimeError as error:
            await _stop_kernel(client)
            if not left:
                raise NotebookError(f"{path.stem}: its kernel did not start ({error})") from None
    try:
        yield
    except RuntimeError as error:
        raise NotebookError(f"{path.stem}: its kernel stopped ({error})") from None
    finally:
        await _stop_kernel(client)


async def _stop_kernel(client: Any) -> None:
    if client.kc is not None:
        client.kc.stop_channels()
    if await client.km.is_alive():
        await client.km.shutdown_kernel()
    await client.km.cleanup_resources()


@contextlib.asynccontextmanager
async def _call_each_second(tick: Callable[[], None]) -> AsyncIterator[None]:
    async def each_second() -> None:
        while True:
            tick()
            await asyncio.sleep(1)

    ticker = asyncio.create_task(each_second())
    try:
        yield
    finally:
        ticker.cancel()


async def _run_cell(client: Any, path: Path, cell: Cell) -> list[str]:
    """What the cell raised, `["ValueError: too long"]`; for a group of errors, those in it; `[]` if
    all is well.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    replies: list[dict[str, Any]] = []

    def keep_reply(cell: Any, cell_index: int, execute_reply: dict[str, Any]) -> None:
        replies.append(execute_reply["content"])

    client.on_cell_error = keep_reply
    index = next(i for i, node in enumerate(client.nb.cells) if node is cell.node)
    cell.node["outputs"], cell.node["execution_count"] = [], None
    try:
        await client.async_execute_cell(cell.node, index, execution_count=cell.number)
    except CellTimeoutError:
        raise NotebookError(
            f"{locate(path, cell)} took longer than {client.timeout} seconds"
        ) from None
    except DeadKernelError:
        task = asyncio.current_task()
        if task and task.cancelling():  # nbclient takes Ctrl-C for this
            raise asyncio.CancelledError from None
        raise NotebookError(f"{locate(path, cell)}: the kernel died") from None
    if cell.may_fail or not replies:
        return []
    # IPython prints a group of errors to stderr, and puts only its first line into the reply
    printed = "".join(out["text"] for out in cell.node["outputs"] if out.get("name") == "stderr")
    inside = [
        f"{name}: {text}"
        for name, text in re.findall(r"^ +\| (?:\w+\.)*(\w+): (.+)$", printed, re.M)
    ]
    whole = f"{replies[0]['ename']}: {replies[0]['evalue']}"
    if "ExceptionGroup: " in whole and len(inside) > 1:
        return [text for text in inside if text != whole]
    return [whole]


async def _run_after_last_cell(client: Any, path: Path, source: str) -> None:
    nbformat: Any = importlib.import_module("nbformat")
    client.nb.cells.append(nbformat.v4.new_code_cell(source))
    last = Cell(len(client.nb.cells), source, False, client.nb.cells[-1])
    errors = await _run_cell(client, path, last)
    client.nb.cells.pop()
    if errors:
        raise NotebookError(f"{path.stem}: after the last cell: {'; '.join(errors)}")


def locate(path: Path, cell: Cell) -> str:
    """Which cell this is, for people: `"03_parallel, cell 4 (names = [1, 2])"`."""
    return f"{path.stem}, cell {cell.number} ({quote_first_line(cell.source)})"


def quote_first_line(source: str) -> str:
    """The first line of code that is not a comment, cut to fit into a sentence."""
    lines = [line.strip() for line in source.splitlines()]
    line = next(
        (line for line in lines if line and not line.startswith(("#", "%"))),
        lines[0] if lines else "",
    )
    return line if len(line) <= 60 else line[:59] + "…"
