"""How a recorded reply takes its seconds: in a coroutine, in a thread, or in plain code."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from types import FrameType

from ..modes import ModeError, current_clock
from . import loop as loops
from .at_work import frames
from .loop import JumpingSelector, in_kernel, virtual_loop
from .stopwatch import stopwatch
from .thread_clock import ThreadClock, thread_clock


async def pass_time(seconds: float) -> None:
    """Takes this many seconds in a coroutine, on the clock of its loop."""
    if (loop := virtual_loop()) is not None:
        loop.clock.progress()
    await asyncio.sleep(seconds)


def hold_up(seconds: float) -> None:
    """Takes this many seconds in plain code, and no real time if the clock is virtual.

    In a thread of a `run` they pass on that run's clock; outside any run, on the clock of the
    program's threads. Raises ModeError on the thread of a virtual loop itself, because every task
    would have to stop.
    """
    loop = virtual_loop()
    if loop is not None and not loop.clock.is_real:
        raise ModeError(
            f"{_caller()} asks the sync client inside a coroutine: every other task stands still "
            "meanwhile. Write `await asyncio.to_thread(…)` there, or use the async client."
        )
    clock = clock_here()
    if clock is not None:
        clock.wait_in_thread(seconds)
        return
    if (watch := stopwatch.get()) is not None:
        watch.tick()
    time.sleep(seconds)


def clock_here() -> JumpingSelector | ThreadClock | None:
    """The virtual clock of this code, or of the run behind its thread; None if time is real."""
    if (loop := virtual_loop() or _loop_of_this_thread()) is not None:
        return None if loop.clock.is_real else loop.clock
    if current_clock() == "real" or _a_real_loop_runs():
        return None
    return thread_clock


def _loop_of_this_thread() -> loops.VirtualLoop | None:
    """The loop whose run gave this thread its work. A pool's thread doesn't know it: then it's the
    one that is running.
    """
    if asyncio._get_running_loop() is not None:
        return None
    known = loops.loop_of_run.get()
    running = [known] if known is not None else loops.open_loops
    return next((loop for loop in reversed(running) if loop.is_running()), None)


def _a_real_loop_runs() -> bool:
    """True if asyncio runs on the machine's clock, in this thread or in the one that gave it work.
    A kernel's own loop runs below every cell, and doesn't count.
    """
    if loops.real_runs:
        return True
    if in_kernel():
        return False
    if asyncio._get_running_loop() is not None:
        return True
    frame = frames().get(threading.main_thread().ident or 0)
    while frame is not None:
        if frame.f_code is _RUN_FOREVER or frame.f_globals.get("__name__") == "asyncio.runners":
            return True
        frame = frame.f_back
    return False


_RUN_FOREVER = asyncio.BaseEventLoop.run_forever.__code__
LIBRARIES = {"anthropic", "httpx2", "httpcore2", "httpx", "httpcore", "contextlib"}


def _caller() -> str:
    """The function that asks, and where: the innermost one that is neither ours nor the SDK's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "").split(".")
        if module[:2] != ["mas_helpers", "bench"] and module[0] not in LIBRARIES:
            place = f"line {frame.f_lineno} of {frame.f_code.co_filename}"
            return f"{frame.f_code.co_qualname}, {place},"
        frame = frame.f_back
    return "A task"
