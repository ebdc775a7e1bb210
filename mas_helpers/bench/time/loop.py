"""The virtual clock of replay: asyncio's own loop, with a clock that jumps over waiting."""

from __future__ import annotations

import asyncio
import contextvars
import ipaddress
import math
import selectors
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from ..modes import ModeError, current_clock
from .at_work import Background, State, may_be_handed
from .connections import Connections
from .executor import BriefExecutor, waits_for_another_thread

SHORT_NS = 500_000_000
STUCK_SECONDS = 10.0  # of real time, in which nothing happens at all


def virtual_loop() -> VirtualLoop | None:
    """The virtual loop that is running here, None if there is none."""
    loop = asyncio._get_running_loop()
    return loop if isinstance(loop, VirtualLoop) else None


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A loop for a plugin that runs `async def` tests, such as pytest-asyncio or anyio's: on the
    virtual clock in replay, otherwise asyncio's own on the real clock.
    """
    return asyncio.new_event_loop() if current_clock() == "real" else VirtualLoop()


def is_virtual() -> bool:
    """True inside a `run` on the virtual clock."""
    loop = virtual_loop()
    return loop is not None and not loop.clock.is_real


def use_real_time() -> None:
    """From here on, the run continues in real time, because a client is about to ask the network.

    Raises ModeError if the virtual clock was asked for explicitly.
    """
    loop = virtual_loop()
    if loop is not None and not loop.clock.is_real:
        if not loop.may_become_real:
            raise no_network()
        loop.clock.become_real()


class VirtualLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop on a clock that jumps: when everything waits for a timer, the clock moves
    to that timer.

    Time is kept in whole nanoseconds, so 0.1 s plus 0.2 s is 0.3 s. Before a jump, the loop looks
    for anything that may still wake it: a thread at work, an answer that a connection owes. That
    work takes its real time, to a tenth of a second, and no time if it takes less than half a
    second.
    """

    def __init__(
        self,
        start_ns: int = 0,
        *,
        may_become_real: bool = False,
        waiting_thread: int | None = None,
        limit: float | None = None,
    ) -> None:
        self.clock = JumpingSelector(start_ns, waiting_thread, limit)
        self.may_become_real = may_become_real
        super().__init__(self.clock)
        self.clock.loop = self
        self._pool = BriefExecutor(thread_name_prefix="asyncio")
        self.set_default_executor(self._pool)
        open_loops.append(self)

    @property
    def _clock_resolution(self) -> float:
        """How much earlier than now a timer may be due: the real clock's 15.6 ms on Windows would
        let timers that are close end together, and in the year 2100 a nanosecond would be lost.
        """
        return max(1e-9, 2 * math.ulp(self.time()))

    @_clock_resolution.setter
    def _clock_resolution(self, seconds: float) -> None:
        """asyncio sets that of the machine's clock."""

    def time(self) -> float:
        return self.clock.now_ns / 1e9

    def threads(self) -> set[threading.Thread]:
        """The threads that `asyncio.to_thread` works in."""
        return self._pool.threads()

    def is_own(self, ident: int) -> bool:
        """True for a thread that `asyncio.to_thread` works in."""
        return any(thread.ident == ident for thread in self._pool.threads())

    @property
    def given(self) -> bool:
        """True while there's work for them that none has started."""
        return bool(self._pool.given)

    def close(self) -> None:
        if self in open_loops:
            open_loops.remove(self)
        self.clock.release()
        super().close()

    def run_in_executor(  # type: ignore[override]  # as asyncio's, without its TypeVarTuple
        self, executor: Any, func: Any, *args: Any
    ) -> asyncio.Future[Any]:
        if _looks_up_the_platform(func):
            platform = self.create_future()
            platform.set_result(func(*args))
            return platform
        future = super().run_in_executor(executor, func, *args)
        if executor is not None and not isinstance(executor, ThreadPoolExecutor):
            self.clock.elsewhere += 1  # in another process, where nobody can look
            future.add_done_callback(self._ended_elsewhere)
        return future

    def _ended_elsewhere(self, future: Any) -> None:
        self.clock.elsewhere -= 1

    def create_future(self) -> asyncio.Future[Any]:
        if not sys._getframe(1).f_globals.get("__name__", "").startswith("asyncio."):
            self.clock.look_again()  # a library made it for somebody to set, perhaps in a thread
        return super().create_future()

    async def subprocess_exec(self, protocol_factory: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._elsewhere(super().subprocess_exec, protocol_factory, *args, **kwargs)

    async def subprocess_shell(self, protocol_factory: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._elsewhere(super().subprocess_shell, protocol_factory, *args, **kwargs)

    async def _elsewhere(self, start: Any, protocol_factory: Any, *args: Any, **kwargs: Any) -> Any:
        """A process takes its real time until it has ended and its pipes are closed."""

        def counted() -> Any:
            protocol = protocol_factory()
            lost = protocol.connection_lost

            def connection_lost(error: Exception | None) -> None:
                self._ended_elsewhere(None)
                lost(error)

            protocol.connection_lost = connection_lost
            return protocol

        self.clock.elsewhere += 1
        try:
            return await start(counted, *args, **kwargs)
        except BaseException as error:
            self._ended_elsewhere(None)
            if isinstance(error, NotImplementedError):
                raise ModeError(NO_PROCESS) from None
            raise

    def call_at(  # type: ignore[override]  # as asyncio's, without its TypeVarTuple
        self, when: float, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        if when == math.inf:  # never: a clock that jumps there would jump for ever
            return asyncio.TimerHandle(when, callback, args, self, context)
        return super().call_at(when, callback, *args, context=context)

    async def create_connection(
        self, protocol_factory: Any, host: Any = None, port: Any = None, **kwargs: Any
    ) -> Any:
        self._require_here(kwargs["sock"].getpeername() if kwargs.get("sock") else host)
        return await super().create_connection(protocol_factory, host, port, **kwargs)

    async def create_datagram_endpoint(
        self, protocol_factory: Any, local_addr: Any = None, remote_addr: Any = None, **kwargs: Any
    ) -> Any:
        if remote_addr is not None:
            self._require_here(remote_addr)
        return await super().create_datagram_endpoint(
            protocol_factory, local_addr, remote_addr, **kwargs
        )

    async def sock_connect(self, sock: Any, address: Any) -> None:
        self._require_here(address)
        await super().sock_connect(sock, address)

    async def getaddrinfo(self, host: Any, *args: Any, **kwargs: Any) -> Any:
        # already here: from create_connection it would reach the SDK in a group of errors
        self._require_here(host)
        return await super().getaddrinfo(host, *args, **kwargs)

    def _require_here(self, address: Any) -> None:
        """Raises ModeError for anything that isn't on this machine."""
        if not (self.clock.is_real or is_on_this_machine(address)):
            raise no_network(address)

    def _make_socket_transport(self, sock: Any, *args: Any, **kwargs: Any) -> Any:
        transport = super()._make_socket_transport(sock, *args, **kwargs)  # type: ignore[misc]
        self.clock.connections.add(transport, sock, accepted=kwargs.get("server") is not None)
        return transport


# what a thread looks up that does not know whose work it does
open_loops: list[VirtualLoop] = []
real_runs: list[object] = []
loop_of_run: contextvars.ContextVar[VirtualLoop | None] = contextvars.ContextVar(
    "loop_of_run", default=None
)


def in_kernel() -> bool:
    """True inside a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


NO_PROCESS = (
    "On Windows, asyncio starts no process on the virtual clock. "
    "Use asyncio.to_thread(subprocess.run, …), or run(…, clock='real')."
)


def no_network(address: object = "") -> ModeError:
    if isinstance(address, bytes):
        address = address.decode(errors="replace")
    return ModeError(
        "A network connection was asked for on the virtual clock, where waiting takes no time. "
        "Use a client from connect(…), set MAS_MODE=live, or run(…, clock='real')."
        + (f" It was to {address}; this machine alone may be asked." if address else "")
    )


def is_on_this_machine(address: Any) -> bool:
    """True for 127.0.0.0/8, ::1, localhost, and the path of a Unix socket."""
    host = address[0] if isinstance(address, tuple) and address else address
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host is None or host in ("", "localhost") or (isinstance(address, str) and "/" in address):
        return True
    if isinstance(address, bytes):  # the abstract name of a Unix socket
        return address.startswith(b"\0") or b"/" in address or is_on_this_machine(host)
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return str(host).rstrip(".").endswith("localhost") or "/" in str(host)


class Stuck(RuntimeError):
    """Every task waits, and nothing is under way that could wake one of them."""


ALL_WAIT = "Every task waits, and nothing is under way that could wake one of them:"


def _waiting(lead: str = ALL_WAIT) -> str:
    """What each task waits for, and what may be wrong."""
    lines = [lead]
    for task in asyncio.all_tasks(asyncio._get_running_loop()):
        lines.append(f"  {task.get_name()}: {_waits_at(task.get_coro())}")
    lines.append(
        "Who should have set the event, filled the queue or freed the lock? "
        "A thread: use asyncio.to_thread."
    )
    return "\n".join(lines)


def _waits_at(coro: Any) -> str:
    """The line where a coroutine waits: the innermost one that isn't asyncio's own."""
    place = None
    while (frame := getattr(coro, "cr_frame", None)) is not None:
        if place is None or not frame.f_globals["__name__"].startswith("asyncio"):
            place = frame
        coro = coro.cr_await
    if place is None:
        return str(coro)
    return f"{place.f_code.co_qualname}, line {place.f_lineno} of {place.f_code.co_filename}"


def _serves_for_ever(loop: VirtualLoop) -> bool:
    """True if a task waits for visitors, as in `await server.serve_forever()`."""
    return any("serve_forever" in _waits_in(task.get_coro()) for task in asyncio.all_tasks(loop))


def _waits_in(coro: Any) -> set[str]:
    """The names of the functions that a coroutine is in."""
    names = set()
    while (frame := getattr(coro, "cr_frame", None)) is not None:
        names.add(frame.f_code.co_name)
        coro = coro.cr_await
    return names


def _looks_up_the_platform(func: Any) -> bool:
    """Before its first call, each SDK client looks up the platform in a thread.

    Otherwise five first calls at once would continue in the order in which five threads end, which
    is different each time.
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


class JumpingSelector(_Selector):
    loop: VirtualLoop

    def __init__(
        self, start_ns: int, waiting_thread: int | None = None, limit: float | None = None
    ) -> None:
        super().__init__()
        self._limit = None if limit is None else start_ns / 1e9 + limit
        self.thread = threading.get_ident()
        self._virtual_ns = start_ns
        self._behind_ns: int | None = None  # how far the virtual time lags the machine's clock
        self.elsewhere = 0  # processes, and work given to them, that are under way
        self.worked_ns = 0  # real time of work under way that is not yet on the clock
        self.connections = Connections()
        self._idle = {self.thread, waiting_thread or 0}  # nothing comes from these
        self._background = Background(self._idle)
        self._parked: dict[int, threading.Event] = {}  # threads that wait on this clock
        self._woken: set[int] = set()
        self._unsure: set[Any] = set()  # what may be under way, or not
        self._unsure_since = 0
        self._quiet: set[Any] = set()  # what was looked at for long enough
        self._idle_jumps = 0

    @property
    def now_ns(self) -> int:
        if self._behind_ns is None:
            return self._virtual_ns
        return perf_counter_ns() - self._behind_ns

    @property
    def is_real(self) -> bool:
        return self._behind_ns is not None

    def become_real(self) -> None:
        """From now on time passes by itself, starting where the virtual clock is."""
        self._behind_ns = perf_counter_ns() - self._virtual_ns

    def unregister(self, fileobj: Any) -> Any:
        key = super().unregister(fileobj)
        self.connections.gone(key.fd)
        return key

    def select(self, timeout: float | None = None) -> list[Any]:
        if self.is_real:
            return super().select(timeout)
        events = super().select(0)
        if not events and (timeout is None or timeout > 0):
            due_ns = None if timeout is None else self._due_ns(timeout)
            events = self._wait_or_jump(due_ns)
        self._note_events(events)
        return events

    def _due_ns(self, timeout: float) -> int:
        """When the next timer is due. asyncio never asks for more than a day, but says when the
        timer is due.
        """
        when = self.loop._scheduled[0].when() if self.loop._scheduled else math.inf  # type: ignore[attr-defined]
        if when - self.now_ns / 1e9 < timeout or not math.isfinite(when):  # a cancelled one
            return self._virtual_ns + max(1, round(timeout * 1e9))
        whole = int(when)
        return max(self._virtual_ns + 1, whole * 10**9 + round((when - whole) * 1e9))

    def _wait_or_jump(self, due_ns: int | None) -> list[Any]:
        """What comes from outside, if anything is under way there; otherwise the jump."""
        pause, began = FIRST_PAUSE, perf_counter_ns()
        while True:
            state = self._under_way()
            events = super().select(0)  # what a thread did just before it came to rest
            if events or state == "rests":
                break
            left = None if due_ns is None else due_ns - self._virtual_ns - self.worked_ns
            if left is not None and left <= 0:
                self._move_to(due_ns)
                return []
            asked = perf_counter_ns()
            events = super().select(pause if left is None else min(pause, left / 1e9))
            if state == "works":
                self.worked_ns += perf_counter_ns() - asked
            if events:
                break
            pause = min(pause * 2, LONGEST_PAUSE)
        if events:
            self._count_work(due_ns)
            return events
        self.worked_ns = 0
        if due_ns is not None:
            return self._jump(due_ns)
        if perf_counter_ns() - began < STUCK_SECONDS * 1e9:
            events = super().select(STUCK_SECONDS)
        if events or _serves_for_ever(self.loop):
            return events
        raise Stuck(_waiting())

    def _jump(self, due_ns: int) -> list[Any]:
        self._require_within_limit(due_ns)
        self._idle_jumps += 1
        if self._idle_jumps > MOST_IDLE_TIMERS and self._limit is None:
            raise Stuck(_only_timers(due_ns / 1e9) + _waiting())
        self._virtual_ns = due_ns
        return []

    def _require_within_limit(self, due_ns: int) -> None:
        """Raises Stuck, once: whatever is cancelled then may take its time."""
        limit, self._limit = self._limit, None if self._limit is None else math.inf
        if limit is not None and due_ns > limit * 1e9:
            self._virtual_ns = round(limit * 1e9)
            lead = f"The run has come to its limit, second {limit:g}, and these wait:"
            raise Stuck(_waiting(lead))
        self._limit = limit

    def _move_to(self, due_ns: int | None) -> None:
        assert due_ns is not None
        self._require_within_limit(due_ns)
        self.worked_ns -= due_ns - self._virtual_ns
        self._virtual_ns = due_ns

    def _count_work(self, due_ns: int | None) -> None:
        if self.worked_ns < SHORT_NS:
            return
        tenths = round(self.worked_ns, -8)
        step = tenths if due_ns is None else min(tenths, due_ns - self._virtual_ns)
        self._virtual_ns += step
        self.worked_ns -= step

    def _note_events(self, events: list[Any]) -> None:
        for key, mask in events:
            if mask & selectors.EVENT_READ:
                self.connections.heard(key.fd)
            if key.fd != self.loop._ssock.fileno():  # type: ignore[attr-defined]
                self._quiet.discard(key.fd)
                self._idle_jumps = 0

    def _under_way(self) -> State:
        """True if anything outside may still wake the loop; something that can't be told counts as
        under way for a moment, once.
        """
        if self.elsewhere or self._woken:
            return "works"
        unsure: set[Any] = set()
        if len(self.get_map()) > 1:
            own = self.loop._ssock.fileno()  # type: ignore[attr-defined]
            for key in list(self.get_map().values()):
                state = self.connections.state_of(key) if key.fd != own else "rests"
                if state == "works":
                    return "works"
                if state == "may rest":
                    unsure.add(key.fd)
        for place, frame, state in self._background.states(self._not_looked_at()):
            if may_be_handed(frame) and self.loop.is_own(place[0]):  # of those it is known
                state = "works" if self.loop.given else "rests"
            if state == "works":
                return "works"
            if state == "may rest":
                unsure.add(place)
        if not unsure:
            return "rests"
        if not self._parked and waits_for_another_thread(self.loop):
            return "works"
        return self._after_a_moment(unsure)

    def look_again(self) -> None:
        """A thread that was at rest may have been given something."""
        self._quiet.clear()
        self._unsure.clear()

    def _not_looked_at(self) -> set[int]:
        """This thread, those that wait on this clock, and those of other runs. But a run in one of
        this loop's own threads is work under way.
        """
        if len(open_loops) == 1 and not self._parked:
            return self._idle
        own = {thread.ident for thread in self.loop.threads()}
        others = {loop.clock.thread for loop in open_loops} - own
        return self._idle | self._parked.keys() | others

    def _after_a_moment(self, unsure: set[Any]) -> State:
        now = perf_counter_ns()
        if unsure <= self._quiet:
            return "rests"
        if unsure != self._unsure:
            self._unsure, self._unsure_since = unsure, now
        elif now - self._unsure_since > MOMENT_NS:
            self._quiet |= unsure
            return "rests"
        return "may rest"

    # a thread that waits for a recorded reply waits here

    def wait_in_thread(self, seconds: float) -> None:
        """Holds the calling thread for this many seconds on this clock."""
        if seconds <= 0:
            return
        ident, due = threading.get_ident(), threading.Event()
        until = (self.now_ns + round(seconds * 1e9)) / 1e9
        self.loop.call_soon_threadsafe(self._park, ident, until, due)
        due.wait()
        self._woken.discard(ident)

    def _park(self, ident: int, until: float, due: threading.Event) -> None:
        self._parked[ident] = due
        self.worked_ns = 0  # what the thread did until here was our own machinery
        self._idle_jumps = 0
        self.loop.call_at(until, self._wake, ident)

    def _wake(self, ident: int) -> None:
        self._woken.add(ident)
        self._parked.pop(ident).set()

    def release(self) -> None:
        """The loop is closing: nothing waits for its clock any more."""
        for ident in list(self._parked):
            self._wake(ident)

    def progress(self) -> None:
        """A reply came, so what follows isn't an idle turn of timers."""
        self._idle_jumps = 0


FIRST_PAUSE, LONGEST_PAUSE = 0.000_2, 0.02
MOMENT_NS = 100_000_000  # a piece of an answer may come 40 ms after the one before it (TCP)
MOST_IDLE_TIMERS = 100_000


def _only_timers(seconds: float) -> str:
    return (
        f"{MOST_IDLE_TIMERS:,} timers rang one after the other, up to second {seconds:g}, and no "
        "reply came meanwhile, nor anything else. Is something waiting beside a heartbeat? "
        "A simulation that is that long says so: run(…, limit=seconds). "
    )
