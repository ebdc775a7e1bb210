"""One line of time for each trace, across several runs and plain awaits."""

from __future__ import annotations

import contextvars
import time

from .loop import virtual_loop


class Stopwatch:
    """One line of time for a trace, in whole nanoseconds from 0, across several `run`s and plain
    awaits.

    Virtual time starts where the stopwatch stands and leaves it where it ended, so two runs follow
    each other exactly.
    """

    def __init__(self) -> None:
        loop = virtual_loop()
        # the virtual clock that it follows, in every thread
        self.line = loop.clock if loop is not None else None
        self._origin = loop.clock.now_ns if loop is not None else 0
        self.position = 0
        self._real_start = time.perf_counter_ns()
        self._ahead = 0

    def now(self) -> int:
        if self.line is not None:
            return self.advance(self.line.now_ns - self._origin)
        return self.advance(time.perf_counter_ns() - self._real_start + self._ahead)

    def reached(self) -> int:
        """How far this line of time has come, also in the middle of a virtual wait."""
        return (
            max(self.position, self.line.now_ns - self._origin)
            if self.line is not None
            else self.position
        )

    def advance(self, position: int) -> int:
        self.position = max(self.position, position)
        return position

    def resume(self) -> None:
        """Real time goes on from where the virtual time ended."""
        self._ahead = self.position - (time.perf_counter_ns() - self._real_start)


stopwatch: contextvars.ContextVar[Stopwatch | None] = contextvars.ContextVar(
    "stopwatch", default=None
)
