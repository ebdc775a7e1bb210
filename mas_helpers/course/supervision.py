"""Runs a check under supervision: nothing that an answer does can hang the kernel or fill its
memory.
"""

from __future__ import annotations

import builtins
import contextvars
import ctypes
import functools
import importlib
import inspect
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from ..bench.time.loop import open_loops
from ..bench.time.run import waiting_thread
from .places import place_at_work

T = TypeVar("T")
POLL = 0.05  # seconds between two looks
MEMORY = 512 * 2**20  # bytes that an answer may add; the largest lesson's check adds 20 MB


class NoEnd(Exception):
    """The work doesn't end: what it is doing, and where."""


class Stopped(SystemExit):
    """Raised in code that doesn't end. A SystemExit passes through asyncio's loop, which keeps
    other errors in the task that raised them, and a thread that it ends prints nothing.
    """


def supervise(
    work: Callable[[], T], seconds: float, show: Callable[[], object]
) -> tuple[T | None, BaseException | None]:
    """What the work returns, and whatever error it raises; raises NoEnd if it doesn't end.

    `seconds` are seconds at work; work that only waits, for a lock or a thread, may take three
    times as long. `show` is called once, when it takes longer than two seconds. The work runs in a
    thread: there, a loop can be stopped on every system, and a cell's own event loop isn't in the
    way.
    """
    outcome: list[tuple[T | None, BaseException | None]] = []

    def target() -> None:
        with suppress(Stopped):
            try:
                outcome.append((work(), None))
            except BaseException as error:
                outcome.append((None, error))

    before = set(threading.enumerate())
    context = contextvars.copy_context()
    context.run(waiting_thread.set, threading.get_ident())
    worker = threading.Thread(
        target=context.run, args=(target,), name="mas_helpers.check", daemon=True
    )
    worker.start()
    try:
        _watch(worker, seconds, show)
    finally:
        _stop(set(threading.enumerate()) - before)
    return outcome[0]


def _watch(worker: threading.Thread, seconds: float, show: Callable[[], object]) -> None:
    began, worked, held = time.monotonic(), time.process_time(), _memory()
    while worker.is_alive():
        worker.join(POLL)
        at_work = time.process_time() - worked
        if show is not None and time.monotonic() - began > 2:
            show()
            show = lambda: None  # noqa: E731
        if at_work > seconds:
            raise NoEnd(f"still at work after {seconds:g} s{_place(worker)}")
        if time.monotonic() - began > 3 * seconds + at_work:
            raise NoEnd(f"still waiting after {3 * seconds:g} s{_place(worker)}")
        if _memory() - held > MEMORY:
            raise NoEnd(f"it has filled {MEMORY >> 20} MB of memory{_place(worker)}")


def _place(worker: threading.Thread) -> str:
    place = place_at_work(sys._current_frames().get(worker.ident or 0))
    return f", in {place}" if place else ""


def _stop(threads: set[threading.Thread]) -> None:
    """Ends these threads. Their code may catch the error, or clean up forever, so it is raised
    again and again; a thread that waits in C ends when its wait does. Until then its loop is no
    clock for anybody else: a thread that doesn't know its run would wait on it forever.
    """
    deadline = time.monotonic() + 2
    stopped = ctypes.py_object(Stopped)
    for thread in threads:
        ident = ctypes.c_ulong(thread.ident or 0)
        # asked last: the system gives the number of a thread that has ended to the next one
        while time.monotonic() < deadline and thread.is_alive():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, stopped)
            for loop in list(open_loops):  # one that waits has to wake up first
                if loop.clock.thread == thread.ident:
                    with suppress(RuntimeError):  # it is closed by now
                        loop.call_soon_threadsafe(int)
            thread.join(0.01)
    left = {thread.ident for thread in threads if thread.is_alive()}
    open_loops[:] = [loop for loop in open_loops if loop.clock.thread not in left]


@functools.cache
def _process() -> Any:
    """This process as psutil shows it, which comes with every kernel; None without psutil."""
    try:
        return importlib.import_module("psutil").Process()
    except ImportError:
        return None


def _memory() -> int:
    return _process().memory_info().rss if _process() else 0


@contextmanager
def refusing(answer: object, refuse: Callable[[str], object]) -> Iterator[None]:
    """Calls `refuse("time.sleep(90)")` if the answer, or code that it calls, would really sleep,
    under whatever name it imported `time.sleep`; ask at the keyboard; or end the kernel. A tenth of
    a second is allowed: it hangs nothing.
    """
    others = {thread.ident for thread in threading.enumerate()} - {threading.get_ident()}
    really_sleep = time.sleep

    def sleep(seconds: float) -> None:
        if threading.get_ident() not in others and seconds > 0.1:
            refuse(f"time.sleep({seconds})")
        really_sleep(seconds)

    def ask(prompt: object = "") -> None:
        refuse("input()")

    def leave(*_: object) -> None:
        raise SystemExit

    instead: dict[int, Any] = {id(really_sleep): sleep, id(builtins.input): ask}
    namespaces = [vars(time), vars(builtins), *_namespaces(answer)]
    for names in namespaces[1:]:  # a notebook's own exit ends its kernel
        instead |= {id(names[name]): leave for name in ("exit", "quit") if name in names}
    replaced = [
        (names, name, value, instead[id(value)])
        for names in namespaces
        for name, value in names.items()
        if id(value) in instead
    ]
    for names, name, _, new in replaced:
        names[name] = new
    try:
        yield
    finally:
        for names, name, old, new in replaced:
            if names.get(name) is new:
                names[name] = old


def _namespaces(answer: object) -> list[dict[str, Any]]:
    """The global names that the answer's code sees: of a function, a method, a partial, an object
    that can be called, and of whatever a decorator wraps.
    """
    found: dict[int, dict[str, Any]] = {}
    queue, seen = [answer], set[int]()
    while queue:
        part = queue.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if inspect.isfunction(part):
            found[id(part.__globals__)] = part.__globals__
            queue.append(vars(part).get("__wrapped__"))
        elif inspect.ismethod(part):
            queue.append(part.__func__)
        elif isinstance(part, functools.partial):
            queue += [part.func, *part.args]
        elif callable(part):
            kind = part if inspect.isclass(part) else type(part)
            queue += [method for method in vars(kind).values() if inspect.isfunction(method)]
    return list(found.values())
