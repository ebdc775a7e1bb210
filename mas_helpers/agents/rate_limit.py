"""Lesson 25: a rate limit for many calls at once, in one process or shared through a file."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from .sqlite_file import SQLiteFile

APPLICATION = 0x4D415352  # "MASR"
SCHEMA = "CREATE TABLE bucket (ready REAL)"


class RateLimit(Protocol):
    """Says when a call may begin, now or later: `await limit.take()` returns when it's time."""

    async def take(self) -> float:
        """The seconds that it waited."""
        ...


def loop_time() -> float:
    """The seconds of the running event loop: virtual in `run`, real elsewhere."""
    return asyncio.get_running_loop().time()


@dataclass
class TokenBucket:
    """`per_second` calls a second, and `burst` at once after a pause; for one process."""

    per_second: float
    burst: float = 1.0
    clock: Callable[[], float] = loop_time
    _ready: float | None = field(default=None, init=False)  # when the bucket is full again

    async def take(self) -> float:
        """The seconds that it waited for its turn. Turns are given in the order of asking."""
        self._ready, wait = next_turn(self._ready, self.clock(), self.per_second, self.burst)
        await asyncio.sleep(wait)
        return wait


def next_turn(
    ready: float | None, now: float, per_second: float, burst: float
) -> tuple[float, float]:
    """When the bucket is full again after one more call, and how long that call waits.

    Raises ValueError for a rate that lets nothing through.
    """
    if per_second <= 0 or burst < 1:
        raise ValueError(f"{per_second} a second, {burst} at once: nothing would ever begin")
    ready = max(now, now if ready is None else ready) + 1 / per_second
    return ready, max(0.0, ready - now - burst / per_second)


class SharedTokenBucket:
    """A TokenBucket in a SQLite file, for all processes of one machine that name the same file.

    Raises StoreError where the file is another program's, is damaged, or goes away.
    """

    def __init__(
        self,
        path: Path | str,
        per_second: float,
        burst: float = 1.0,
        clock: Callable[[], float] = time.time,  # processes have no other clock in common
    ) -> None:
        self.per_second, self.burst, self.clock = per_second, burst, clock
        self._file = SQLiteFile(
            path, SCHEMA, application=APPLICATION, holds="rate limit", timeout=30.0
        )

    async def take(self) -> float:
        """The seconds that it waited for its turn. Asking the file takes milliseconds."""
        wait = self._take()
        await asyncio.sleep(wait)
        return wait

    def _take(self) -> float:
        with self._file.transaction() as db:
            row = db.execute("SELECT ready FROM bucket").fetchone()
            ready, wait = next_turn(row and row[0], self.clock(), self.per_second, self.burst)
            db.execute("DELETE FROM bucket")
            db.execute("INSERT INTO bucket VALUES (?)", (ready,))
        return wait
