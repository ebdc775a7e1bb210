"""Lesson 03, parallelization: many at once, named, bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from .failures import await_job, carries_paid

T = TypeVar("T")
Error = TypeVar("Error", bound=BaseException)


@carries_paid
async def fan_out(
    jobs: Mapping[str, Coroutine[Any, Any, T]], max_concurrency: int | None = None
) -> dict[str, T]:
    """Each job's result under its name. All run at once, or `max_concurrency` of them.

    The first job that fails cancels the rest; its ExceptionGroup has `.finished`, what was done."""

    async def take_a_seat(job: Coroutine[Any, Any, T]) -> T:
        async with seats:
            return await await_job(job)

    tasks: dict[str, asyncio.Task[T]] = {}
    try:
        seats = asyncio.Semaphore(count_seats(jobs, max_concurrency))
        async with asyncio.TaskGroup() as group:
            tasks = {name: group.create_task(take_a_seat(job)) for name, job in jobs.items()}
    except ExceptionGroup as failed:
        raise carry_finished(failed, tasks) from None
    finally:
        for job in jobs.values():
            job.close()  # a job that never had its turn; nothing happens to the others
    return {name: task.result() for name, task in tasks.items()}


def count_seats(jobs: Mapping[str, Any], max_concurrency: int | None) -> int:
    """How many jobs may run at once. Raises ValueError for a max_concurrency below 1."""
    if max_concurrency is not None and max_concurrency < 1:
        raise ValueError(f"max_concurrency={max_concurrency} lets no job start; None: no limit")
    return max(1, len(jobs) if max_concurrency is None else max_concurrency)


def carry_finished(error: Error, tasks: Mapping[str, asyncio.Task[Any]]) -> Error:
    """The error, with the results of the tasks that were done as `.finished`, by name."""
    done = {name: task for name, task in tasks.items() if task.done() and not task.cancelled()}
    results = {name: task.result() for name, task in done.items() if task.exception() is None}
    error.finished = results  # type: ignore[attr-defined]
    return error
