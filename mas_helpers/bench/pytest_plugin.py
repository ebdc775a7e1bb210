"""What the pytest fixtures give: clients on recordings, faults, virtual time. pytest_mas_helpers.py
is their door.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import weakref
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, overload

import anthropic
from anthropic import Anthropic, AsyncAnthropic

from . import modes
from .client import connect
from .faults import Fault, Schedule, random_faults
from .matching import words_of
from .modes import Mode
from .recordings import MissingRecording, RecordingError, load_shared, names_in, path_of
from .time.loop import loop_of_run, virtual_loop
from .time.machine_clock import patched_time, require_time_machine
from .time.run import run
from .tracing.call import Call
from .tracing.cost import cost_usd
from .tracing.spans import Trace, trace
from .transports.record import recorder_under_way

T = TypeVar("T")
C = TypeVar("C")


class Recordings:
    """`recordings("name")` gives a client on recordings/name.yaml; `.sent` holds the bodies of what
    this test asked, in order.

    There's one object for the whole session, so that a fixture of any scope can ask it for clients;
    their calls count for the test that is running (`kit`).
    """

    def __init__(self, kit_of_now: Callable[[], Kit]) -> None:
        self._kit_of_now = kit_of_now

    @property
    def kit(self) -> Kit:
        """What belongs to the test that is running."""
        return self._kit_of_now()

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The body of each call of this test, in order."""
        return self.kit.sent

    @property
    def mode(self) -> Mode:
        """What this test's clients do: replay, record or live."""
        return self.kit.mode

    @overload
    def __call__(
        self, name: str, *, sync: Literal[False] = False, **options: Any
    ) -> AsyncAnthropic: ...
    @overload
    def __call__(self, name: str, *, sync: Literal[True], **options: Any) -> Anthropic: ...
    @overload
    def __call__(self, name: str, *, client_class: type[C], **options: Any) -> C: ...

    def __call__(self, name: str, *, sync: bool = False, **options: Any) -> Any:
        """The SDK's `AsyncAnthropic`, or `Anthropic` with `sync=True`; its replies wait on the
        clock of the thread that asks. Raises RecordingError, ModeError and MissingKey.
        """
        __tracebackhide__ = True
        kit, mode = self.kit, modes.current_mode()
        if mode == "record" and "PYTEST_XDIST_WORKER" in os.environ:
            raise modes.ModeError(
                "Several processes would write the same recordings: record with `-n 0`."
            )
        path = path_of(kit.folder, name)
        if mode == "replay" and not path.exists():
            others = ", ".join(names_in(kit.folder)) or "none"
            raise RecordingError(
                f"There is no recording {path}. Recorded there: {others}. {kit.way_to_record()}"
            )
        kit.opens(path, mode)
        log = RequestLog(lambda: self.kit.opens(path, mode))
        options["middleware"] = [*(options.get("middleware") or ()), log]
        try:
            return connect(
                name,
                folder=kit.folder,
                strict=cast(bool, StrictNow(self)),
                sync=sync,
                faults=cast(Schedule, FaultsNow(self)),
                on_play=lambda index: self.kit.opens(path, mode).played[path].add(index),
                **options,
            )
        except RecordingError as error:
            error.add_note(kit.way_to_record())
            raise


class StrictNow:
    """True while the test that is running is strict."""

    def __init__(self, recordings: Recordings) -> None:
        self._recordings = recordings

    def __bool__(self) -> bool:
        return self._recordings.kit.strict


class FaultsNow:
    """The faults of the test that is running, for one client; its calls are counted from this
    test's first.
    """

    def __init__(self, recordings: Recordings) -> None:
        self._recordings = recordings
        self._earlier: weakref.WeakKeyDictionary[Kit, dict[str, int]] = weakref.WeakKeyDictionary()

    @property
    def any(self) -> bool:
        """True once this test has some."""
        return self._recordings.kit.faults.any

    def __call__(self, agent: str, call: int, attempt: int, second: float) -> Fault | None:
        kit = self._recordings.kit
        earlier = self._earlier.setdefault(kit, {}).setdefault(agent, call - 1)
        return kit.faults(agent, call - earlier, attempt, second)


class Kit:
    """What belongs to one test: its rules and faults, and what it asked, played and missed."""

    def __init__(self, folder: Path, test: str, *, strict: bool, all_played: bool) -> None:
        self.folder, self.test, self.strict, self.all_played = folder, test, strict, all_played
        self.faults = FaultList()
        self.mode: Mode = "replay"
        # true once it ended without an error, an assertion apart: not if it was interrupted
        self.ended_well = False
        self.sent: list[dict[str, Any]] = []
        self.missed: list[str] = []
        # each recording that was opened, and the indexes of what was played of it
        self.played: dict[Path, set[int]] = {}

    def opens(self, path: Path, mode: Mode) -> Kit:
        """Itself, with this recording added to those it uses."""
        self.mode = mode
        self.played.setdefault(path, set())
        return self

    def way_to_record(self) -> str:
        """The command that records this test."""
        command = f'MAS_MODE=record python -m pytest "{self.test}"'
        return f"To record, with a key in ANTHROPIC_API_KEY: {command}"

    def objection(self) -> str:
        """Why a test that passed fails after all; `""` if nothing is wrong."""
        if self.mode != "replay":
            return ""
        if self.strict and self.missed:
            missed = "\n\n".join(dict.fromkeys(self.missed))
            return (
                "The code went on, but what it asked was never recorded."
                f"\n\n{missed}\n\n{self.way_to_record()}"
            )
        return self.faults.unmet() or self._unplayed()

    def _unplayed(self) -> str:
        if not (self.all_played and self.strict):
            return ""
        if self.faults.any:  # what fails may end early
            return ""
        lines = [line for path, indexes in self.played.items() for line in _left(path, indexes)]
        return "\n".join([UNPLAYED, *lines, IF_UNPLAYED]) if lines else ""


UNPLAYED = "The test passed, but did not play these recorded replies:"
IF_UNPLAYED = """Does the code ask less than it did? If that is right, delete the file and record it
again. If other tests play them, give each its own recording, or mark this one
@pytest.mark.recordings(all_played=False)."""


def _left(path: Path, played: set[int]) -> Iterator[str]:
    for index, exchange in enumerate(load_shared(path).exchanges):
        if index not in played:
            end = " ".join(words_of(exchange.request))[-60:]
            yield f"  {path.name}, reply {index + 1}, to a request that ends in {end!r}"


def write_recordings(paths: dict[Path, bool]) -> tuple[list[str], bool]:
    """What happened to each recording, a line each, and whether all went well. A recording is
    written only if its value is true, that is, if each of its tests ended without an error
    (assertions don't count).
    """
    lines, well = [], True
    for path, ended_well in sorted(paths.items()):
        try:
            lines.append(_write(path, ended_well))
        except RecordingError as error:
            well = False
            lines.append(f"not recorded: {error}")
    return lines, well


def _write(path: Path, ended_well: bool) -> str:
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    recorder = recorder_under_way(path)
    if recorder is None:
        return f"not recorded: {shown}, for nothing was asked"
    if ended_well and recorder.finish():
        notes = [recorder.taken_up(), recorder.left_in_the_file()]
        return f"recorded: {shown}" + "".join(f"\n  {note}" for note in notes if note)
    recorder.abandon()
    line = f"not recorded: {shown}, for a test failed or nothing came"
    if not recorder.part.exists():
        return line
    return (
        f"{line}\n  what was paid for is in {recorder.part.name} beside it; "
        "record again, and it is taken up"
    )


class RequestLog(anthropic.Middleware):
    """Keeps what calls ask, and each request that was never recorded, even if the code under test
    goes on.
    """

    def __init__(self, kit_of_now: Callable[[], Kit]) -> None:
        self._kit_of_now = kit_of_now

    def handle(self, request: Any, call_next: Any) -> Any:
        with self._logged(request):
            return call_next(request)

    async def handle_async(self, request: Any, call_next: Any) -> Any:
        with self._logged(request):
            return await call_next(request)

    @contextlib.contextmanager
    def _logged(self, request: Any) -> Iterator[None]:
        kit = self._kit_of_now()
        if not request.retries_taken:
            kit.sent.append(request.json)
        try:
            yield
        except MissingRecording as error:
            kit.missed.append(str(error))
            error.add_note(kit.way_to_record())
            raise


class FaultList:
    """What fails on the way: `append(Fault("overloaded", agent="worker", call=2))`, or `draw(7,
    overloaded=0.1)`.

    All clients of `recordings` obey it, including those made before; so does `fake_client(…,
    faults=faults)`. Calls are counted for each client and agent: 1 is the first call that this
    client makes for this agent.
    """

    def __init__(self) -> None:
        self._appended: list[Fault] = []
        self._drawn: list[Schedule] = []
        self._met: set[Fault] = set()
        self._calls: list[str] = []

    @property
    def any(self) -> bool:
        """True once something was appended or drawn."""
        return bool(self._appended or self._drawn)

    def append(self, fault: Fault) -> None:
        """Adds a fault. Raises TypeError for anything else."""
        if not isinstance(fault, Fault):
            raise TypeError(
                f"faults.append({fault!r}): write faults.append(Fault('overloaded', call=2))"
            )
        self._appended.append(fault)

    def draw(self, seed: int, **rates: float) -> None:
        """Adds faults by chance; the same seed hits the same calls. A Fault that you appended comes
        first. Raises ValueError for rates that make no sense.
        """
        self._drawn.append(random_faults(seed, **rates))

    def __call__(self, agent: str, call: int, attempt: int, second: float) -> Fault | None:
        self._calls.append(f"{agent or 'without an agent'} {call} at {second:g} s")
        for fault in self._appended:
            if fault.hits(agent, call, attempt, second):
                self._met.add(fault)
                return fault
        drawn = (schedule(agent, call, attempt, second) for schedule in self._drawn)
        return next(filter(None, drawn), None)

    def unmet(self) -> str:
        """Which of the appended faults hit nothing: a test that provokes nothing shows nothing."""
        unmet = ", ".join(str(fault) for fault in self._appended if fault not in self._met)
        if not unmet:
            return ""
        calls = ", ".join(self._calls) or "none"
        return f"{unmet} hit no call. There were: {calls}.\n{ADDRESSES}"


ADDRESSES = (
    "Inside `with agent_span('name'):` a call has an agent's name; without, use call= and between=."
)


class VirtualTime:
    """`run(coro)` on a clock that jumps; afterwards, what that run took: `.seconds`, `.calls`,
    `.cost_usd`, `.trace`. In an `async def` test on a loop of `new_event_loop`, they describe the
    test itself, up to this point.
    """

    def __init__(self, recordings: Recordings, *, patch_time: bool = False) -> None:
        self._recordings = recordings
        self._patch_time = patch_time
        self._trace: Trace | None = None

    def run(
        self,
        coro: Coroutine[Any, Any, T],
        *,
        patch_time: bool | None = None,
        limit: float | None = None,
    ) -> T:
        """What the coroutine returns; `patch_time` and `limit` are the same as for `run`.

        The clock is the real one while you record, and in live mode. Raises RuntimeError inside a
        running loop.
        """
        __tracebackhide__ = True
        if asyncio._get_running_loop() is not None:
            coro.close()
            raise RuntimeError(
                "virtual_time.run() brings its own loop: make the test a plain `def`, or await "
                "here, and let the plugin make its loop with mas_helpers.bench.new_event_loop."
            )
        with trace() as self._trace:
            return run(
                coro,
                clock="virtual" if self._recordings.mode == "replay" else "real",
                patch_time=self._patch_time if patch_time is None else patch_time,
                limit=limit,
            )

    def measured(self, test: Callable[..., Coroutine[Any, Any, T]]) -> Callable[..., Any]:
        """The same `async def` test; its seconds and calls can be read here while it runs."""

        @functools.wraps(test)
        async def measured(*args: Any, **kwargs: Any) -> T:
            __tracebackhide__ = True
            with trace() as self._trace:
                self._trace.stopwatch.now()  # from here on, where time is real
                loop = virtual_loop()
                if loop is None or not self._patch_time:
                    return await test(*args, **kwargs)
                loop_of_run.set(loop)  # its threads read the patched clock as well
                require_time_machine()
                with patched_time(loop, self._trace.stopwatch):
                    return await test(*args, **kwargs)

        return measured

    @property
    def trace(self) -> Trace:
        """The trace of the last run. Raises RuntimeError before the first."""
        if self._trace is None:
            raise RuntimeError("Nothing has run yet: virtual_time.run(main()) first.")
        return self._trace

    @property
    def seconds(self) -> float:
        """The seconds of the last run; in an `async def` test, of that test so far."""
        if self.trace.stopwatch.ticks:
            self.trace.stopwatch.now()
        return self.trace.seconds

    @property
    def calls(self) -> list[Call]:
        """The API calls of the last run, in the order in which they began."""
        return self.trace.calls

    @property
    def cost_usd(self) -> float:
        """The dollars of the last run; its `.unknown` names the models without a price."""
        return cost_usd(self.trace)
