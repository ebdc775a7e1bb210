"""One timeline for each trace, across several runs and plain awaits."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections.abc import Iterator
from time import monotonic_ns, perf_counter_ns, time_ns
from typing import Protocol

from ..modes import current_clock
from .loop import loop_of_run, virtual_loop
from .thread_clock import thread_clock


class Clock(Protocol):
    """Something to follow: the virtual clock of a run."""

    @property
    def now_ns(self) -> int: ...


class Stopwatch:
    """One timeline, in whole nanoseconds from 0, across several `run`s and plain awaits.

    In plain code, only the seconds of replayed replies move it. Real time passes by itself once
    something real has begun: asyncio on the machine's clock, a request to the network, a mode other
    than replay. While the stopwatch follows a virtual clock, in any thread, only that clock moves
    it: the clock continues from where the stopwatch was, and afterwards the stopwatch continues
    from where the clock ended, so two runs follow each other exactly. A stopwatch made inside a
    virtual run follows that run's clock. With `outer`, it's a part of that one, which waits where
    this one stopped.

    `started_ns` is its 0 on the calendar, in nanoseconds since 1970: that's how spans are dated.
    """

    def __init__(self, outer: Stopwatch | None = None, *, ticks: bool | None = None) -> None:
        self._outer = outer
        self._outer_position = outer.reached() if outer else 0
        self.started_ns: int = outer.started_ns + self._outer_position if outer else time_ns()
        # what the machine's other clocks showed at its 0
        self.monotonic_zero_ns: int = monotonic_ns()
        self.perf_counter_zero_ns: int = perf_counter_ns()
        if outer is not None:
            self.monotonic_zero_ns = outer.monotonic_zero_ns + self._outer_position
            self.perf_counter_zero_ns = outer.perf_counter_zero_ns + self._outer_position
        self._position = 0  # the furthest that anyone has read here
        self._end: int | None = None
        self._ticks = current_clock() == "real" if ticks is None else ticks
        self._real_zero_ns = perf_counter_ns()
        loop = virtual_loop() or loop_of_run.get()
        self._clock: Clock = loop.clock if loop and not loop.is_closed() else thread_clock
        self._clock_zero_ns = self._clock.now_ns

    def now(self) -> int:
        """The nanoseconds from its 0 to now."""
        if asyncio._get_running_loop() is not None and virtual_loop() is None:
            self.tick()
        passed = self._clock.now_ns - self._clock_zero_ns
        if self.ticks:
            passed += perf_counter_ns() - self._real_zero_ns
        self._position = max(self._position, passed)
        return passed

    def tick(self) -> None:
        """From here on real time passes by itself: something real has begun."""
        if not self._ticks and self._clock is thread_clock:
            self._ticks, self._real_zero_ns = True, perf_counter_ns()
            if self._outer is not None:
                self._outer.tick()

    def timestamp(self) -> int:
        """Now, as spans are dated: nanoseconds since 1970."""
        return self.started_ns + self.now()

    def reached(self) -> int:
        """How far it has come: on a virtual clock, until now, even in the middle of a wait; in real
        time, until the last thing that happened; once it is stopped, until its end.
        """
        if self._end is not None:
            return self._end
        if self.ticks:
            return self._position
        return max(self._position, self._clock.now_ns - self._clock_zero_ns)

    @property
    def ticks(self) -> bool:
        """True while real time passes by itself, so that `now` is later than `reached`."""
        return self._ticks and self._clock is thread_clock and self._end is None

    @contextlib.contextmanager
    def follow(self, clock: Clock) -> Iterator[None]:
        """Inside, time follows that clock, from where this stopwatch is; then it continues as
        before.
        """
        self._clock, self._clock_zero_ns = clock, clock.now_ns - self._position
        try:
            yield
        finally:
            self._go_on(self._ticks)

    @contextlib.contextmanager
    def follow_real_time(self) -> Iterator[None]:
        """Inside, real time passes; then it continues as before."""
        ticked = self._ticks
        self._go_on(True)
        try:
            yield
        finally:
            self._go_on(ticked)

    def _go_on(self, ticks: bool) -> None:
        """From where this line stands, on the clock of plain code."""
        self._position = self.reached()
        self._ticks, self._real_zero_ns = ticks, perf_counter_ns()
        self._clock, self._clock_zero_ns = thread_clock, thread_clock.now_ns - self._position

    def stop(self) -> None:
        """Stops where it is now, and moves the outer one there."""
        self._end = self.reached()
        if self._outer is not None:
            reached = self._outer_position + self._end
            self._outer._position = max(self._outer._position, reached)


stopwatch: contextvars.ContextVar[Stopwatch | None] = contextvars.ContextVar(
    "stopwatch", default=None
)
