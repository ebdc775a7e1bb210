"""run(): runs a coroutine to its end, from a cell, a script or a test."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import ctypes
import functools
import inspect
import sys
import threading
from collections.abc import Callable, Coroutine
from time import monotonic
from types import FrameType, TracebackType
from typing import Any, Literal, TypeVar

from anthropic import AnthropicError, APIConnectionError

from ..modes import ModeError, current_clock
from ..notices import show_note
from ..tracing.spans import run_scope
from .executor import BriefExecutor
from .loop import VirtualLoop, in_kernel, loop_of_run, real_runs
from .machine_clock import patched_time, require_time_machine
from .stopwatch import Stopwatch, stopwatch

T = TypeVar("T")
NewLoop = Callable[..., VirtualLoop]


class Run:
    """One `run(…)`, for as long as something in it is going on."""


current_run: contextvars.ContextVar[Run | None] = contextvars.ContextVar("run", default=None)


# a thread that only waits until this one is done: the virtual clock need not look at it
waiting_thread: contextvars.ContextVar[int | None] = contextvars.ContextVar(
    "waiting_thread", default=None
)


class RunInsideRun(RuntimeError):
    """run() was called where you want a plain `await`."""


def run(
    coro: Coroutine[Any, Any, T],
    *,
    clock: Literal["virtual", "real"] | None = None,
    patch_time: bool = False,
    limit: float | None = None,
) -> T:
    """What the coroutine returns, after running it to its end; works in a notebook cell, a script
    and a test.

    In replay the clock is virtual: a recorded reply of 4.2 s takes 4.2 s on the clock and no real
    time. With MAS_MODE=record or live the clock is real, and a run becomes real when one of its
    clients asks the API. `clock="virtual"` or `clock="real"` sets it explicitly; MAS_CLOCK=real
    sets it for all runs. With `patch_time=True`, `time.time`, `time.monotonic`, `datetime.now` and
    the like show the virtual time to the coroutine and its threads (this needs time-machine). A run
    that reaches the virtual second `limit` is Stuck; without a limit, a run is Stuck when 100,000
    timers ring in a row and nothing else happens. Stop (Ctrl-C) cancels the coroutine and its
    tasks. A thread that works longer than the coroutine is left behind, with a RuntimeWarning.
    Called in a thread that a run started, it runs the coroutine in that run, on its clock.

    Raises TypeError for anything but a coroutine; RuntimeError where you want a plain `await`;
    ValueError for an unknown clock; ModeError for an unknown MAS_MODE, if you asked for the virtual
    clock and a client asks the network, and if the sync client would block the loop; Stuck if
    nothing can go on; ImportError if time-machine is needed and missing.
    """
    __tracebackhide__ = True
    _require_coroutine(coro)
    if clock not in (None, "virtual", "real"):
        coro.close()
        raise ValueError(
            f"clock={clock!r}: use 'virtual', 'real', or leave it out to follow the mode."
        )
    if patch_time:
        try:
            require_time_machine()
        except ImportError:
            coro.close()
            raise
    if current_run.get() is not None and not _loop_is_running():  # in a thread of a run
        return _run_on_the_loop_of_the_run(coro, clock)
    if current_run.get() is not None or (_loop_is_running() and not in_kernel()):
        coro.close()
        raise RunInsideRun(
            "run() was called inside a running coroutine. Write `await …` there, not `run(…)`."
        )
    if "real" in (clock, current_clock() if clock is None else clock):
        new_loop = None
    else:
        new_loop = functools.partial(
            VirtualLoop,
            may_become_real=clock is None,
            waiting_thread=waiting_thread.get(),
            limit=limit,
        )
    try:
        if _loop_is_running():
            return _run_in_a_thread(coro, new_loop, patch_time)
        return contextvars.copy_context().run(_run_here, coro, new_loop, patch_time)
    except BaseException as error:
        raise _for_reader(error)


def _for_reader(error: BaseException) -> BaseException:
    """The error, with the part of its traceback that its reader needs."""
    error = _refused_connection(error) or error
    module = type(error).__module__
    if isinstance(error, AnthropicError) and module.startswith("mas_helpers."):
        # it says all there is to say; 150 lines of SDK above it say nothing
        error.__suppress_context__ = True
        return error.with_traceback(None)
    return error.with_traceback(_without_machinery(error.__traceback__))


def _refused_connection(error: BaseException | None) -> ModeError | None:
    """The ModeError that says why a connection was refused. Libraries that connect in several tasks
    at once put it into a group, and others into an error of their own.
    """
    if isinstance(error, BaseExceptionGroup):
        found = [_refused_connection(one) for one in error.exceptions]
        return found[0] if all(found) else None
    if isinstance(error, APIConnectionError):
        return _refused_connection(error.__cause__)
    return error if isinstance(error, ModeError) else None


def _run_on_the_loop_of_the_run(
    coro: Coroutine[Any, Any, T], clock: Literal["virtual", "real"] | None
) -> T:
    """In a thread that a run started, a coroutine runs on that run's own loop and clock."""
    __tracebackhide__ = True
    loop = loop_of_run.get()
    if loop is not None and loop.is_running() and clock != "real":
        return asyncio.run_coroutine_threadsafe(coro, loop).result()
    try:
        return contextvars.copy_context().run(_run_here, coro, None)
    except BaseException as error:
        raise _for_reader(error)


def allow_asyncio_run_in_cells() -> None:
    """Makes `asyncio.run(main())` work in a cell as it does in a script, and fail inside a
    coroutine as it does in a script; does nothing outside a kernel.

    nest_asyncio 1.6.0 loses queued cells on ipykernel 7.1 to 7.4; nest_asyncio2, applied first,
    doesn't (2026-11-20).
    """
    if in_kernel():
        import nest_asyncio2

        nest_asyncio2.apply()
        asyncio.run = _refuse_in_coroutines(asyncio.run)
        _ticking.append(asyncio.ensure_future(_tick()))


def _refuse_in_coroutines(nested_run: Callable[..., T]) -> Callable[..., T]:
    """The nested `asyncio.run`, which raises Python's own error inside a coroutine: code that works
    in a cell has to work in a script too.
    """

    @functools.wraps(nested_run)
    def run(main: Coroutine[Any, Any, Any], **options: Any) -> T:
        if _is_inside_a_coroutine(sys._getframe(1)):
            if inspect.iscoroutine(main):
                main.close()  # else Python adds that it was never awaited
            raise RuntimeError("asyncio.run() cannot be called from a running event loop")
        return nested_run(main, **options)

    return run


def _is_inside_a_coroutine(frame: FrameType | None) -> bool:
    """True for code that a coroutine called; the cell itself may be one, where it awaits."""
    while frame is not None and not frame.f_globals.get("__name__", "").startswith("IPython"):
        code = frame.f_code
        is_async = code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR)
        if is_async and not code.co_name.startswith("<module>"):
            return True
        frame = frame.f_back
    return False


_ticking: list[asyncio.Future[None]] = []


async def _tick() -> None:
    """The kernel's Stop reaches an `await` in a cell only when the loop wakes up."""
    while True:
        await asyncio.sleep(0.5)


def _require_coroutine(coro: object) -> None:
    if inspect.iscoroutine(coro):
        if inspect.getcoroutinestate(coro) == inspect.CORO_CLOSED:
            raise RuntimeError(
                f"This coroutine has run already: {coro.__name__}(…) makes a new one. In a "
                "notebook, run the cell that made it first."
            )
        return
    if inspect.iscoroutinefunction(coro):
        raise TypeError(
            f"run() got the function {coro.__name__}. Call it: run({coro.__name__}(…))."
        )
    hint = "Is the function `async def`, or was it already awaited?"
    if inspect.isawaitable(coro):
        hint = "Wrap it: `async def main(): return await …`, then run(main())."
    raise TypeError(
        f"run() needs a coroutine, as in run(main()); it got {type(coro).__name__}. {hint}"
    )


def _run_here(
    coro: Coroutine[Any, Any, T], new_loop: NewLoop | None, patch_time: bool = False
) -> T:
    current_run.set(current_run.get() or Run())
    watch = stopwatch.get() or Stopwatch()
    if new_loop is None:
        return _run_really(coro, watch)
    loop = new_loop(watch.reached())
    loop_of_run.set(loop)
    patched = patched_time(loop, watch) if patch_time else contextlib.nullcontext()
    with patched, watch.follow(loop.clock), asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(_timed(coro, watch))


def _run_really(coro: Coroutine[Any, Any, T], watch: Stopwatch) -> T:
    real_runs.append(watch)
    try:
        with watch.follow_real_time(), asyncio.Runner() as runner:
            return runner.run(_on_brief_threads(_timed(coro, watch)))
    finally:
        real_runs.remove(watch)


async def _on_brief_threads(coro: Coroutine[Any, Any, T]) -> T:
    asyncio.get_running_loop().set_default_executor(BriefExecutor(thread_name_prefix="asyncio"))
    return await coro


async def _timed(coro: Coroutine[Any, Any, T], watch: Stopwatch) -> T:
    """What the coroutine returns; the run has ended before the loop is closed."""
    with run_scope(_name_of(coro), watch):
        try:
            return await coro
        finally:
            watch.now()


def _name_of(coro: Coroutine[Any, Any, Any]) -> str:
    return str(getattr(coro, "__qualname__", "run")).split("<locals>.")[-1]


def _run_in_a_thread(coro: Coroutine[Any, Any, T], new_loop: NewLoop | None, patch_time: bool) -> T:
    """A cell's own loop is busy running the cell, so the coroutine gets a thread with a loop of its
    own.
    """
    outcome: concurrent.futures.Future[T] = concurrent.futures.Future()
    started: concurrent.futures.Future[Any] = concurrent.futures.Future()

    ended = threading.Event()  # a join that is interrupted takes the thread for dead (Python 3.11)

    async def main() -> T:
        started.set_result((asyncio.get_running_loop(), asyncio.current_task()))
        return await coro

    def target() -> None:
        whole = main()
        whole.__qualname__ = _name_of(coro)  # type: ignore[attr-defined]
        try:
            outcome.set_result(_run_here(whole, new_loop, patch_time))
        except BaseException as error:
            outcome.set_exception(error)
        finally:
            ended.set()

    if new_loop is not None:  # the thread of the cell only waits
        new_loop = functools.partial(new_loop, waiting_thread=threading.get_ident())
    context = contextvars.copy_context()
    thread = threading.Thread(
        target=context.run, args=(target,), name="mas_helpers.run", daemon=True
    )
    thread.start()
    try:
        while not ended.wait(0.1):
            pass  # a wait without a limit cannot be interrupted on Windows
    except KeyboardInterrupt:
        _stop(ended, thread.ident or 0, *started.result(timeout=5))
        raise KeyboardInterrupt from None
    return outcome.result()


def _stop(ended: threading.Event, thread: int, loop: asyncio.AbstractEventLoop, task: Any) -> None:
    """Ends a run: cancels its coroutine, and waits until it has cleaned up. If the loop doesn't
    turn, because the code never awaits, KeyboardInterrupt is raised at the line where it is.
    """
    for _ in range(3):
        if _turns(ended, loop, task):
            while not ended.wait(0.1):
                pass
            return
        kill = ctypes.pythonapi.PyThreadState_SetAsyncExc
        kill(ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt))
    if not _turns(ended, loop, task):
        show_note(STILL_RUNS)


STILL_RUNS = (
    "Note: the code of this cell cannot be stopped, and runs on in the background: it neither "
    "awaits nor comes back from what it called. Kernel › Restart ends it."
)


def _turns(ended: threading.Event, loop: asyncio.AbstractEventLoop, task: Any) -> bool:
    """True if the loop notices within a second that its task is cancelled or has ended."""
    heard = threading.Event()

    def cancel() -> None:
        heard.set()
        task.cancel()

    with contextlib.suppress(RuntimeError):  # it ended at this very moment: its loop is closed
        loop.call_soon_threadsafe(cancel)
    until = monotonic() + SECONDS_TO_HEAR
    while not (ended.is_set() or heard.is_set()) and monotonic() < until:
        ended.wait(0.05)
    return ended.is_set() or heard.is_set()


SECONDS_TO_HEAR = 1.0


def _without_machinery(tb: TracebackType | None) -> TracebackType | None:
    """The traceback from the learner's first frame on: our frames and asyncio's explain nothing to
    them.
    """
    while tb is not None and _is_machinery(tb.tb_frame.f_globals.get("__name__", "")):
        tb = tb.tb_next
    return tb


def _is_machinery(module: str) -> bool:
    return module == __name__ or module.split(".")[0] in ("asyncio", "concurrent", "nest_asyncio2")


def _loop_is_running() -> bool:
    return asyncio._get_running_loop() is not None
