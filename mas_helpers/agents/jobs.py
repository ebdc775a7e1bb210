"""Lesson 25: many jobs in one process, each result kept as it comes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from .failures import is_failure


class ResultsBusy(Exception):
    """Another process writes results to the same file; two would pay for each job twice."""


def results_in(path: Path) -> dict[str, Any]:
    """The results of a file under their jobs' names. A last line that a killed process left half
    written is none.

    Raises ValueError for a file that holds something else.
    """
    if not path.exists():
        return {}
    found: dict[str, Any] = {}
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, 1):
        try:
            if line.strip():
                entry = json.loads(line)
                found[entry["job"]] = entry["result"]
        except (ValueError, KeyError, TypeError):
            if number < len(lines):
                raise ValueError(f"{path}, line {number}: that's no result of a job") from None
    return found


async def run_jobs(
    jobs: Iterable[str],
    make: Callable[[str], Awaitable[Any]],
    path: Path,
    *,
    max_concurrency: int = 100,
    on_end: Callable[[str, Any], object] | None = None,
) -> dict[str, Any]:
    """The result of each job, `await make(job)`, in the order of the jobs; kept in the file, a line
    for each, as soon as it's there. Jobs that the file has aren't made again.

    A job without an answer is left out, and asked again the next time; `on_end` is called with each
    job and its result or its error. A bug ends all of it, and what was made until then is kept. Two
    jobs of the same name are one. Raises ResultsBusy where another process writes to the file.
    """
    wanted = list(dict.fromkeys(jobs))
    with _only_writer(path), path.open("a+b") as file:
        known = results_in(path)
        _end_line(file)
        seats = asyncio.Semaphore(max_concurrency)

        async def one(job: str) -> None:
            async with seats:
                try:
                    result = await make(job)
                except Exception as error:
                    if not is_failure(error):
                        raise
                    result = error
            if not isinstance(result, Exception):
                line = json.dumps({"job": job, "result": result}, ensure_ascii=False)
                file.write(f"{line}\n".encode())
                file.flush()
                known[job] = result
            if on_end:
                on_end(job, result)

        try:
            async with asyncio.TaskGroup() as group:
                for job in wanted:
                    if job not in known:
                        group.create_task(one(job))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
    return {job: known[job] for job in wanted if job in known}


@contextlib.contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    lock = FileLock(f"{path}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise ResultsBusy(f"another process writes to {path}: let it end first") from None
    try:
        yield
    finally:
        lock.release()


def _end_line(file: Any) -> None:
    """Takes a half written last line away, so that the next result begins a line of its own."""
    file.seek(0)
    whole = file.read().rfind(b"\n") + 1
    file.truncate(whole)
    file.seek(whole)
