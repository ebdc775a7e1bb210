"""The machine's clock, as code under test reads it inside a virtual run that asked for it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import sys
import threading
import time
from collections.abc import Callable, Iterator
from time import monotonic_ns, perf_counter_ns
from typing import Any

from .loop import VirtualLoop, loop_of_run
from .stopwatch import Stopwatch

HOW_TO_INSTALL = (
    "patch_time=True moves time.time and datetime.now with time-machine, which is not installed: "
    "pip install time-machine"
)


@contextlib.contextmanager
def patched_time(loop: VirtualLoop, watch: Stopwatch) -> Iterator[None]:
    """Inside the block, code of that loop, and of the threads it starts, reads the virtual time
    from the machine's clocks: `time.time`, `monotonic`, `perf_counter`, `datetime.now` and the
    like. All other code reads the real time. Needs time-machine.

    time-machine patches the calendar in C, however it was imported. It leaves `monotonic` and
    `perf_counter` alone, because asyncio and threads use them to wait. The loop has its own time
    here, so they can be replaced: in `time`, and in each module that imported them by name, except
    the standard library's.
    """
    with _lock:
        if not _watches:
            _patches.enter_context(_calendar_moved())
            _patches.enter_context(_steady_clocks_replaced())
        _watches[loop] = watch
    try:
        yield
    finally:
        with _lock:
            del _watches[loop]
            if not _watches:
                _patches.close()


_lock = threading.Lock()
_patches = contextlib.ExitStack()  # one for all runs: they may begin and end in any order
_watches: dict[VirtualLoop, Stopwatch] = {}  # of the runs that asked for it


def _watch_here() -> Stopwatch | None:
    """The time of the run that this code belongs to, if it asked for a patched clock."""
    loop = asyncio._get_running_loop() or loop_of_run.get()
    return _watches.get(loop) if isinstance(loop, VirtualLoop) else None


def require_time_machine() -> None:
    """Raises ImportError if it isn't installed."""
    if importlib.util.find_spec("time_machine") is None:
        raise ImportError(HOW_TO_INSTALL)


@contextlib.contextmanager
def _calendar_moved() -> Iterator[None]:
    """`time.time` and `datetime.now` show the calendar of the run's trace."""
    import time_machine

    below = list(time_machine.traveller_stack)  # somebody travels already
    outside_ns = below[-1].time_ns if below else time_machine.escape_hatch.time.time_ns

    def now_ns() -> int:
        if (watch := _watch_here()) is None:
            return outside_ns()
        return watch.timestamp()

    travel = time_machine.travel(None, tick=False)
    travel.start().time_ns = now_ns  # type: ignore[method-assign]  # it takes no function
    try:
        yield
    finally:
        travel.stop()


class _Steady:
    """A clock of the module `time`; it's an object because a function would become a method of a
    class.
    """

    def __init__(self, name: str, real: Callable[[], Any], zero: str) -> None:
        self.__name__, self._real, self._zero = name, real, zero

    def __call__(self) -> Any:
        if (watch := _watch_here()) is None:
            return self._real()
        now_ns = getattr(watch, self._zero) + watch.now()
        return now_ns if self.__name__.endswith("_ns") else now_ns / 1e9


_STEADY = [
    _Steady("monotonic", time.monotonic, "monotonic_zero_ns"),
    _Steady("monotonic_ns", monotonic_ns, "monotonic_zero_ns"),
    _Steady("perf_counter", time.perf_counter, "perf_counter_zero_ns"),
    _Steady("perf_counter_ns", perf_counter_ns, "perf_counter_zero_ns"),
]


@contextlib.contextmanager
def _steady_clocks_replaced() -> Iterator[None]:
    ours = {id(steady._real): steady for steady in _STEADY}
    replaced = []
    for module in _modules_to_patch():
        for name, value in list(vars(module).items()):
            if id(value) in ours:
                replaced.append((module, name, value))
                setattr(module, name, ours[id(value)])
    try:
        yield
    finally:
        for module, name, value in replaced:
            setattr(module, name, value)


def _modules_to_patch() -> Iterator[Any]:
    """`time` itself, and every module that is neither the standard library's nor this package's
    clock.
    """
    yield time
    bench = __name__.rpartition(".time.")[0]
    for name, module in list(sys.modules.items()):
        is_standard = name.partition(".")[0] in sys.stdlib_module_names - {"__main__"}
        if not is_standard and not name.startswith(bench) and isinstance(module, type(time)):
            yield module
