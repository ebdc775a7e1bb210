"""Lesson 03, parallelization: many at once, named, bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


async def fan_out(
    jobs: Mapping[str, Coroutine[Any, Any, T]], max_concurrency: int | None = None
) -> dict[str, T]:
    """Each job's result under its name. All run at once, or `max_concurrency` of them.

    The first job that fails cancels the rest, and an ExceptionGroup holds its error.
    Raises ValueError for a max_concurrency below 1.
    """
    seats = asyncio.Semaphore(max(1, len(jobs) if max_concurrency is None else max_concurrency))

    async def take_a_seat(job: Coroutine[Any, Any, T]) -> T:
        async with seats:
            return await job

    try:
        if max_concurrency is not None and max_concurrency < 1:
            raise ValueError(f"max_concurrency={max_concurrency} lets no job start; None: no limit")
        async with asyncio.TaskGroup() as group:
            tasks = {name: group.create_task(take_a_seat(job)) for name, job in jobs.items()}
    finally:
        for job in jobs.values():
            job.close()  # a job that never had its turn; nothing happens to the others
    return {name: task.result() for name, task in tasks.items()}
