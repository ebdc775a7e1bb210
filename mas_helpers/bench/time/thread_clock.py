"""The clock of plain code in replay, outside of any event loop."""

from __future__ import annotations

import threading
from time import perf_counter

from .at_work import Background, Place, State


class ThreadClock:
    """The clock of plain code in replay: it doesn't move, except by the seconds that replies take.

    Threads that wait at the same time wait side by side: the clock moves to the first of their ends
    once no thread is at work that could still ask for something.
    """

    def __init__(self) -> None:
        self.now_ns = 0
        self._waiting: dict[int, tuple[int, int]] = {}  # by thread: until when, in which order
        self._count = 0
        self._changed = threading.Condition()
        self._background = Background()

    def wait_in_thread(self, seconds: float) -> None:
        """Returns when this clock has moved on by this many seconds."""
        if seconds <= 0:
            return
        ident, pause = threading.get_ident(), 0.000_1
        with self._changed:
            self._count += 1
            until = self.now_ns + round(seconds * 1e9)
            self._waiting[ident] = until, self._count
            working: set[Place] = set()
            try:
                began, before = perf_counter(), None
                while not self._is_first(ident) or (working := self._working(pause)):
                    if not self._is_first(ident) or working != before:
                        began, before = perf_counter(), self._working(pause)
                    elif perf_counter() - began > PATIENCE:
                        break  # it works, but at nothing that moves: a thread of somebody else
                    self._changed.wait(pause)
                    pause = min(pause * 2, 0.01)
                self.now_ns = max(self.now_ns, until)
            finally:
                del self._waiting[ident]
                self._changed.notify_all()

    def _is_first(self, ident: int) -> bool:
        return min(self._waiting, key=lambda other: self._waiting[other]) == ident

    def _working(self, waited: float) -> set[Place]:
        """Where those threads are that may still ask for something."""
        unsure: tuple[State, ...] = ("may rest",) if waited < 0.002 else ()
        return {
            place
            for place, _, state in self._background.states(self._waiting)
            if state in ("works", *unsure)
        }


PATIENCE = 1.0  # real seconds in which a thread that does not move from its line is waited for
thread_clock = ThreadClock()
