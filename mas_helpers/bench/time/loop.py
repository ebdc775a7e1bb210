"""The virtual clock of replay: asyncio's own loop, with a clock that jumps over waiting."""

from __future__ import annotations

import asyncio
import math
import selectors
import time
from typing import TYPE_CHECKING, Any

from ..modes import ModeError

SHORT_NS = 500_000_000
STUCK_SECONDS = 10.0  # of real time, in which nothing happens at all


def virtual_loop() -> VirtualLoop | None:
    """The virtual loop that runs here, None where there is none."""
    loop = asyncio._get_running_loop()
    return loop if isinstance(loop, VirtualLoop) else None


def is_virtual() -> bool:
    """True inside a `run` on the virtual clock."""
    loop = virtual_loop()
    return loop is not None and not loop.clock.is_real


def use_real_time() -> None:
    """From here on, the run goes on in real time: a client is about to ask the network.

    Raises ModeError where the virtual clock was asked for by name.
    """
    loop = virtual_loop()
    if loop is not None and not loop.clock.is_real:
        if not loop.may_become_real:
            raise no_network()
        loop.clock.become_real()


class VirtualLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop on a clock that jumps: when everything waits for a timer, it is that
    timer's time.

    Time is kept in whole nanoseconds, so 0.1 s and 0.2 s are 0.3 s. Work in threads takes its real
    time, to a tenth of a second, and none when it takes less than half of one.
    """

    def __init__(self, start_ns: int = 0, *, may_become_real: bool = False) -> None:
        self.clock = _JumpingSelector(start_ns)
        self.may_become_real = may_become_real
        super().__init__(self.clock)
        # the real clock's is 15.6 ms on Windows: timers that close would end together
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self.clock.now_ns / 1e9

    def run_in_executor(  # type: ignore[override]  # as asyncio's, without its TypeVarTuple
        self, executor: Any, func: Any, *args: Any
    ) -> asyncio.Future[Any]:
        if _looks_up_the_platform(func):
            platform = self.create_future()
            platform.set_result(func(*args))
            return platform
        future = super().run_in_executor(executor, func, *args)
        self.clock.threads += 1
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, future: Any) -> None:
        self.clock.threads -= 1
        if not self.clock.threads:
            self.clock.in_threads_ns = 0

    async def shutdown_default_executor(self, *args: Any, **kwargs: Any) -> None:
        self.clock.threads += 1  # from Python 3.13 on, it waits for them beside a timer of 300 s
        try:
            await super().shutdown_default_executor(*args, **kwargs)
        finally:
            self.clock.threads -= 1

    async def subprocess_exec(self, protocol_factory: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._as_a_thread(super().subprocess_exec, protocol_factory, *args, **kwargs)

    async def subprocess_shell(self, protocol_factory: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._as_a_thread(super().subprocess_shell, protocol_factory, *args, **kwargs)

    async def _as_a_thread(
        self, start: Any, protocol_factory: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """A process takes its real time, as a thread does, until it has ended and its pipes are
        closed.
        """

        def counted() -> Any:
            protocol = protocol_factory()
            lost = protocol.connection_lost

            def connection_lost(error: Exception | None) -> None:
                self._thread_ended(None)
                lost(error)

            protocol.connection_lost = connection_lost
            return protocol

        self.clock.threads += 1
        try:
            return await start(counted, *args, **kwargs)
        except BaseException as error:
            self._thread_ended(None)
            if isinstance(error, NotImplementedError):
                raise ModeError(NO_PROCESS) from None
            raise

    def call_at(  # type: ignore[override]  # as asyncio's, without its TypeVarTuple
        self, when: float, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        if when == math.inf:  # never: a clock that jumps there would jump for ever
            return asyncio.TimerHandle(when, callback, args, self, context)
        return super().call_at(when, callback, *args, context=context)

    async def create_connection(self, *args: Any, **kwargs: Any) -> Any:
        if self.clock.is_real:
            return await super().create_connection(*args, **kwargs)
        raise no_network()

    async def getaddrinfo(self, *args: Any, **kwargs: Any) -> Any:
        if self.clock.is_real:
            return await super().getaddrinfo(*args, **kwargs)
        # already here: from create_connection it would reach the SDK in a group of errors
        raise no_network()


NO_PROCESS = (
    "On Windows, asyncio starts no process on the virtual clock. "
    "Use asyncio.to_thread(subprocess.run, …), or run(…, clock='real')."
)


def no_network() -> ModeError:
    return ModeError(
        "A network connection was asked for on the virtual clock, where waiting takes no time. "
        "Use a client from connect(…), set MAS_MODE=live, or run(…, clock='real')."
    )


class Stuck(RuntimeError):
    """Every task waits, and nothing is under way that could wake one of them."""


def _waiting() -> str:
    """What each task waits for, and what may be the matter."""
    lines = ["Every task waits, and nothing is under way that could wake one of them:"]
    for task in asyncio.all_tasks(asyncio._get_running_loop()):
        lines.append(f"  {task.get_name()}: {_waits_at(task.get_coro())}")
    lines.append(
        "Who should have set the event, filled the queue or freed the lock? "
        "A thread: use asyncio.to_thread."
    )
    return "\n".join(lines)


def _waits_at(coro: Any) -> str:
    """The line at which a coroutine waits: the innermost that is not asyncio's own."""
    place = None
    while (frame := getattr(coro, "cr_frame", None)) is not None:
        if place is None or not frame.f_globals["__name__"].startswith("asyncio"):
            place = frame
        coro = coro.cr_await
    if place is None:
        return str(coro)
    return f"{place.f_code.co_qualname}, line {place.f_lineno} of {place.f_code.co_filename}"


def _looks_up_the_platform(func: Any) -> bool:
    """Before its first call, each client of the SDK asks for the platform in a thread.

    Five first calls at once would go on in the order in which five threads end, and that is another
    one each time.
    """
    wrapped: tuple[Any, ...] = getattr(func, "args", ())
    return bool(wrapped) and getattr(wrapped[0], "__name__", "") == "get_platform"


if TYPE_CHECKING:
    # DefaultSelector is one of several classes, chosen as the module is loaded
    class _Selector(selectors.BaseSelector):
        def register(self, fileobj: Any, events: int, data: Any = None) -> Any: ...
        def unregister(self, fileobj: Any) -> Any: ...
        def select(self, timeout: float | None = None) -> list[Any]: ...
        def get_map(self) -> Any: ...
else:
    _Selector = selectors.DefaultSelector


class _JumpingSelector(_Selector):
    def __init__(self, start_ns: int) -> None:
        super().__init__()
        self._virtual_ns = start_ns
        self._behind_ns: int | None = None  # how far the virtual time lags the machine's clock
        self.threads = 0  # and processes, that are under way
        self.in_threads_ns = 0  # real time spent there that is not yet on the clock

    @property
    def now_ns(self) -> int:
        if self._behind_ns is None:
            return self._virtual_ns
        return time.perf_counter_ns() - self._behind_ns

    @property
    def is_real(self) -> bool:
        return self._behind_ns is not None

    def become_real(self) -> None:
        """From now on time passes by itself, from where the virtual clock stands."""
        self._behind_ns = time.perf_counter_ns() - self._virtual_ns

    def select(self, timeout: float | None = None) -> list[Any]:
        if self.is_real:
            return super().select(timeout)
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            return events
        until_timer = None if timeout is None else max(1, round(timeout * 1e9))
        if self.threads:
            return self._wait_for_threads(timeout, until_timer)
        # nothing is due: only a thread, a signal or a socket can wake the loop
        if until_timer is None:
            events = super().select(STUCK_SECONDS)
            if not events and len(self.get_map()) == 1:  # only the loop's own pipe
                raise Stuck(_waiting())
            return events
        self._virtual_ns += until_timer
        return []

    def _wait_for_threads(self, timeout: float | None, until_timer: int | None) -> list[Any]:
        began = time.perf_counter_ns()
        events = super().select(timeout)
        if not events and until_timer is not None:
            self._virtual_ns += until_timer
            return []
        self.in_threads_ns += time.perf_counter_ns() - began
        if self.in_threads_ns >= SHORT_NS:
            tenths = round(self.in_threads_ns, -8)
            step = tenths if until_timer is None else min(tenths, until_timer)
            self._virtual_ns += step
            self.in_threads_ns -= step
        return events
