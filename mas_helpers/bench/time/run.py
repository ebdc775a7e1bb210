"""run(): a coroutine to its end, from a cell, a script or a test."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import functools
import inspect
import sys
import threading
from collections.abc import Callable, Coroutine
from types import FrameType, TracebackType
from typing import Any, Literal, TypeVar

from anthropic import AnthropicError

from ..modes import current_mode
from ..tracing.spans import run_scope
from .loop import VirtualLoop
from .stopwatch import Stopwatch, stopwatch

T = TypeVar("T")
NewLoop = Callable[[int], VirtualLoop]


class Run:
    """One `run(…)`, as long as something in it goes on."""


current_run: contextvars.ContextVar[Run | None] = contextvars.ContextVar("run", default=None)


def run(coro: Coroutine[Any, Any, T], *, clock: Literal["virtual", "real"] | None = None) -> T:
    """What the coroutine returns, run to its end; works in a notebook cell, a script and a test.

    In replay the clock is virtual: a recorded reply of 4.2 s takes 4.2 s on the clock and no real
    time. With MAS_MODE=record or live it is the real one, and a run becomes real when one of its
    clients asks the API. `clock="virtual"` or `clock="real"` says it explicitly. Stop (Ctrl-C)
    cancels the coroutine and its tasks. Raises TypeError for anything but a coroutine, RuntimeError
    where a plain `await` is what you want, ValueError for another clock, ModeError for another
    MAS_MODE, and where the virtual clock was asked for and a client asks the network.
    """
    __tracebackhide__ = True
    _require_coroutine(coro)
    if clock not in (None, "virtual", "real"):
        coro.close()
        raise ValueError(
            f"clock={clock!r}: use 'virtual', 'real', or leave it out to follow the mode."
        )
    if current_run.get() is not None or (_loop_is_running() and not in_kernel()):
        coro.close()
        raise RuntimeError(
            "run() was called inside a running coroutine. Write `await …` there, not `run(…)`."
        )
    if clock == "real" or (clock is None and current_mode() != "replay"):
        new_loop = None
    else:
        new_loop = functools.partial(VirtualLoop, may_become_real=clock is None)
    try:
        if _loop_is_running():
            return _run_in_a_thread(coro, new_loop)
        return contextvars.copy_context().run(_run_here, coro, new_loop)
    except BaseException as error:
        module = type(error).__module__
        if isinstance(error, AnthropicError) and module.startswith("mas_helpers."):
            # it says all there is to say; 150 lines of SDK above it say nothing
            error.__suppress_context__ = True
            raise error.with_traceback(None)
        raise error.with_traceback(_without_machinery(error.__traceback__))


def in_kernel() -> bool:
    """True inside a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def allow_asyncio_run_in_cells() -> None:
    """Lets `asyncio.run(main())` work in a cell, as it does in a script, and inside a coroutine
    lets it fail, as it does in a script; does nothing outside a kernel.

    nest_asyncio 1.6.0 loses queued cells on ipykernel 7.1 to 7.4; nest_asyncio2, applied first,
    does not (2026-11-20).
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


def _run_here(coro: Coroutine[Any, Any, T], new_loop: NewLoop | None) -> T:
    current_run.set(Run())
    watch = stopwatch.get() or Stopwatch()
    if new_loop is None:
        with asyncio.Runner() as runner:
            return runner.run(_timed(coro, watch))
    loop = new_loop(watch.reached())
    with asyncio.Runner(loop_factory=lambda: loop) as runner, watch.follow(loop.clock):
        return runner.run(_timed(coro, watch))


async def _timed(coro: Coroutine[Any, Any, T], watch: Stopwatch) -> T:
    """What the coroutine returns; the run has come to its end before the loop is closed."""
    with run_scope(_name_of(coro), watch):
        try:
            return await coro
        finally:
            watch.now()


def _name_of(coro: Coroutine[Any, Any, Any]) -> str:
    return str(getattr(coro, "__qualname__", "run")).split("<locals>.")[-1]


def _run_in_a_thread(coro: Coroutine[Any, Any, T], new_loop: NewLoop | None) -> T:
    """A cell's own loop is busy running the cell, so the coroutine gets a thread with a loop of its
    own.
    """
    outcome: concurrent.futures.Future[T] = concurrent.futures.Future()
    started: concurrent.futures.Future[Any] = concurrent.futures.Future()

    async def main() -> T:
        started.set_result((asyncio.get_running_loop(), asyncio.current_task()))
        return await coro

    def target() -> None:
        whole = main()
        whole.__qualname__ = _name_of(coro)  # type: ignore[attr-defined]
        try:
            outcome.set_result(_run_here(whole, new_loop))
        except BaseException as error:
            outcome.set_exception(error)

    context = contextvars.copy_context()
    thread = threading.Thread(
        target=context.run, args=(target,), name="mas_helpers.run", daemon=True
    )
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.1)  # a join without a limit cannot be interrupted on Windows
    except KeyboardInterrupt:
        loop, task = started.result(timeout=5)
        with contextlib.suppress(RuntimeError):  # it ended at this very moment: its loop is closed
            loop.call_soon_threadsafe(task.cancel)
        thread.join()
        raise KeyboardInterrupt from None
    return outcome.result()


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
