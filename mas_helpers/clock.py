"""Time: the three modes, the virtual clock of replay, and one line of time for each trace."""

from __future__ import annotations

import contextvars
import os
import time

from .virtual import ModeError, virtual_loop

MODES = ("replay", "record", "live")


class Stopwatch:
    """One line of time for a trace, in whole nanoseconds from 0, across several `run`s and plain awaits.

    Virtual time starts where the stopwatch stands and leaves it where it ended, so two runs follow each other exactly.
    """

    def __init__(self) -> None:
        loop = virtual_loop()
        self.line = loop.clock if loop is not None else None  # the virtual clock that it follows, in every thread
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
        return max(self.position, self.line.now_ns - self._origin) if self.line is not None else self.position

    def advance(self, position: int) -> int:
        self.position = max(self.position, position)
        return position

    def resume(self) -> None:
        """Real time goes on from where the virtual time ended."""
        self._ahead = self.position - (time.perf_counter_ns() - self._real_start)


stopwatch: contextvars.ContextVar[Stopwatch | None] = contextvars.ContextVar("stopwatch", default=None)
_latest_mode: str | None = None


def is_virtual() -> bool:
    """True inside a `run` on the virtual clock."""
    return virtual_loop() is not None


def mode(asked: str | None = None) -> str:
    """`'replay'`, `'record'` or `'live'`: what is asked for, else what the latest `connect` got, else MAS_MODE."""
    chosen = asked or _latest_mode or os.environ.get("MAS_MODE") or "replay"
    if chosen not in MODES:
        where = "mode=" if asked else "MAS_MODE="
        mend = "" if asked else " Unset MAS_MODE and start again to replay."
        raise ModeError(f"{where}{chosen} is not a mode. Use one of: {', '.join(MODES)}.{mend}")
    return chosen


def enter_mode(asked: str | None) -> str:
    """The mode of a new client; `run` follows it from now on."""
    global _latest_mode
    _latest_mode = None
    _latest_mode = mode(asked)
    return _latest_mode
