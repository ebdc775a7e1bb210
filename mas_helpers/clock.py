"""Time: the three modes, the virtual clock of replay, and one line of time for each trace."""

from __future__ import annotations

import asyncio
import contextvars
import os
import selectors
import time
from typing import Any

from anthropic import AnthropicError

MODES = ("replay", "record", "live")
SHORT_NS = 500_000_000


class ModeError(AnthropicError):
    """The mode asked for does not exist, or does not fit what is being done."""


class Stopwatch:
    """One line of time for a trace, in whole nanoseconds from 0, across several `run`s and plain awaits.

    Virtual time starts where the stopwatch stands and leaves it where it ended, so two runs follow each other exactly.
    """

    def __init__(self) -> None:
        self.position = 0
        self._real_start = time.perf_counter_ns()
        self._ahead = 0

    def now(self) -> int:
        loop = _virtual_loop()
        if loop is not None:
            return self.advance(loop.clock.now_ns)
        return self.advance(time.perf_counter_ns() - self._real_start + self._ahead)

    def reached(self) -> int:
        """How far this line of time has come, also in the middle of a virtual wait."""
        loop = _virtual_loop()
        return max(self.position, loop.clock.now_ns) if loop is not None else self.position

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
    return _virtual_loop() is not None


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


def _virtual_loop() -> VirtualLoop | None:
    loop = asyncio._get_running_loop()
    return loop if isinstance(loop, VirtualLoop) else None


class VirtualLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop on a clock that jumps: when everything waits for a timer, it is that timer's time.

    Time is kept in whole nanoseconds, so 0.1 s and 0.2 s are 0.3 s. Work in threads takes its real time, to a tenth of
    a second, and none when it takes less than half of one: the SDK's first call looks up the platform in a thread, and
    that must not show.
    """

    def __init__(self, start_ns: int = 0) -> None:
        self.clock = _JumpingSelector(start_ns)
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now_ns / 1e9

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        self.clock.threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, future: Any) -> None:
        self.clock.threads -= 1
        if not self.clock.threads:
            self.clock.in_threads_ns = 0

    async def shutdown_default_executor(self, *args: Any, **kwargs: Any) -> None:
        self.clock.threads += 1  # it waits for its threads beside a timer of 300 s, from Python 3.13 on
        try:
            await super().shutdown_default_executor(*args, **kwargs)
        finally:
            self.clock.threads -= 1

    async def create_connection(self, *args: Any, **kwargs: Any) -> Any:
        raise ModeError(
            "A network connection was asked for on the virtual clock, where waiting takes no time. "
            "Use a client from connect(…), set MAS_MODE=live, or run(…, clock='real')."
        )


class _JumpingSelector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    def __init__(self, start_ns: int) -> None:
        super().__init__()
        self.now_ns = start_ns
        self.threads = 0
        self.in_threads_ns = 0  # real time spent there that is not yet on the clock

    def select(self, timeout: float | None = None) -> list[Any]:
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            return events
        until_timer = None if timeout is None else max(1, round(timeout * 1e9))
        if self.threads:
            return self._wait_for_threads(timeout, until_timer)
        if until_timer is None:  # nothing is due: only a thread that we do not know of can wake the loop
            return super().select(None)
        self.now_ns += until_timer
        return []

    def _wait_for_threads(self, timeout: float | None, until_timer: int | None) -> list[Any]:
        began = time.perf_counter_ns()
        events = super().select(timeout)
        if not events and until_timer is not None:
            self.now_ns += until_timer
            return []
        self.in_threads_ns += time.perf_counter_ns() - began
        if self.in_threads_ns >= SHORT_NS:
            tenths = round(self.in_threads_ns, -8)
            step = tenths if until_timer is None else min(tenths, until_timer)
            self.now_ns += step
            self.in_threads_ns -= step
        return events
