"""One line of time for each trace, across several runs and plain awaits."""

from __future__ import annotations

import contextlib
import contextvars
import time
from collections.abc import Iterator
from typing import Protocol

from .loop import virtual_loop


class Clock(Protocol):
    """Something to follow: the virtual clock of a run."""

    @property
    def now_ns(self) -> int: ...


class Stopwatch:
    """One line of time, in whole nanoseconds from 0, across several `run`s and plain awaits.

    Real time passes by itself. While the stopwatch follows a virtual clock, in every thread, only
    that clock moves it: it goes on from where the line stood, and real time goes on from where that
    ended, so two runs follow each other exactly. One that is made inside a virtual run follows its
    clock. With `outer`, the line is a part of that one, which stands where this one stopped.

    `started_ns` is what its 0 is on the calendar, in nanoseconds since 1970: spans are dated so.
    """

    def __init__(self, outer: Stopwatch | None = None) -> None:
        self._outer = outer
        self._outer_position = outer.reached() if outer else 0
        self.started_ns: int = outer.started_ns + self._outer_position if outer else time.time_ns()
        self._position = 0  # the furthest that anyone has read here
        self._end: int | None = None
        self._real_zero_ns = time.perf_counter_ns()
        loop = virtual_loop()
        self._clock: Clock | None = loop.clock if loop is not None else None
        self._clock_zero_ns = loop.clock.now_ns if loop is not None else 0

    def now(self) -> int:
        """The nanoseconds from its 0 to now."""
        if self._clock is None:
            passed = time.perf_counter_ns() - self._real_zero_ns
        else:
            passed = self._clock.now_ns - self._clock_zero_ns
        self._position = max(self._position, passed)
        return passed

    def timestamp(self) -> int:
        """Now, as spans are dated: nanoseconds since 1970."""
        return self.started_ns + self.now()

    def reached(self) -> int:
        """How far this line has come: on a virtual clock to now, also in the middle of a wait; in
        real time to the last thing that happened; once it is stopped, to its end.
        """
        if self._end is not None:
            return self._end
        if self._clock is None:
            return self._position
        return max(self._position, self._clock.now_ns - self._clock_zero_ns)

    @property
    def ticks(self) -> bool:
        """True while real time passes by itself, so that `now` is further than `reached`."""
        return self._clock is None and self._end is None

    @contextlib.contextmanager
    def follow(self, clock: Clock) -> Iterator[None]:
        """Inside, the time is the clock's, from where this line stands; then real time goes on."""
        self._clock, self._clock_zero_ns = clock, clock.now_ns - self._position
        try:
            yield
        finally:
            self._clock = None
            self._real_zero_ns = time.perf_counter_ns() - self._position

    def stop(self) -> None:
        """Ends the line where it has come to, and moves the outer one there."""
        self._end = self.reached()
        if self._outer is not None:
            reached = self._outer_position + self._end
            self._outer._position = max(self._outer._position, reached)


stopwatch: contextvars.ContextVar[Stopwatch | None] = contextvars.ContextVar(
    "stopwatch", default=None
)
