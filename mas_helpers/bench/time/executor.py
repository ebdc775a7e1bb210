"""Threads that work for a run: which ones it waits for, and which it leaves behind."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from .at_work import frames

PATIENCE = 0.5  # real seconds at the end of a run, for threads that are about to end


class BriefExecutor(ThreadPoolExecutor):
    """asyncio's threads, without the wait of up to 300 s for one that hangs: the run returns when
    its coroutine does, and a warning names what is still working.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.given: set[object] = set()  # work that no thread has begun

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        work = object()
        self.given.add(work)

        def begin() -> Any:
            self.given.discard(work)
            return fn(*args, **kwargs)

        future = super().submit(begin)
        future.add_done_callback(lambda _: self.given.discard(work))  # or it was cancelled
        return future

    def threads(self) -> set[threading.Thread]:
        """The threads that were started."""
        return set(self._threads)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=False, cancel_futures=True)
        until = perf_counter() + PATIENCE
        threads = self.threads()
        while wait and any(thread.is_alive() for thread in threads):
            if perf_counter() > until:
                warnings.warn(_still_works(threads), RuntimeWarning, stacklevel=2)
                return
            time.sleep(0.005)


def _still_works(threads: set[threading.Thread]) -> str:
    current = frames()
    running = [current[t.ident] for t in threads if t.is_alive() and t.ident in current]
    lines = ", ".join(f"line {frame.f_lineno} of {frame.f_code.co_filename}" for frame in running)
    return (
        f"The run is over, but a function that it gave to a thread is not: {lines}. "
        "A thread cannot be cancelled; Python waits for it when it ends."
    )


def waits_for_another_thread(loop: Any) -> bool:
    """True if a task waits for a `concurrent.futures.Future` that hasn't been set."""
    for task in asyncio.all_tasks(loop):
        waiter = getattr(task, "_fut_waiter", None)
        for future in (waiter, *getattr(waiter, "_children", ())):
            for callback, _ in getattr(future, "_callbacks", None) or ():
                for cell in getattr(callback, "__closure__", None) or ():
                    source = cell.cell_contents
                    if isinstance(source, concurrent.futures.Future) and not source.done():
                        return True
    return False
