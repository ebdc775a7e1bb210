"""What the pytest fixtures give: clients on recordings, faults, virtual time. pytest_mas_helpers.py
is their door.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar, overload

import anthropic
from anthropic import Anthropic, AsyncAnthropic

from . import modes
from .client import connect
from .faults import Fault, Schedule, random_faults
from .matching import words_of
from .modes import Mode
from .recordings import MissingRecording, RecordingError, load_shared, names_in
from .time.run import run
from .tracing.call import Call
from .tracing.cost import cost_usd
from .tracing.spans import Trace, trace
from .transports.record import recorder_of

T = TypeVar("T")


class Recordings:
    """`recordings("name")`: a client on recordings/name.yaml; `.sent` has the bodies of what was
    asked, in order.
    """

    def __init__(self, folder: Path, test: str, *, strict: bool, all_played: bool) -> None:
        self.folder, self.test, self.strict, self.all_played = folder, test, strict, all_played
        self.faults = FaultList()
        self.mode: Mode = "replay"
        self.met_no_error = True
        self.sent: list[dict[str, Any]] = []
        self.missed: list[str] = []
        # each recording that was opened, and the indexes of what was played of it
        self.played: dict[Path, set[int]] = {}

    @overload
    def __call__(
        self, name: str, *, sync: Literal[False] = False, **options: Any
    ) -> AsyncAnthropic: ...
    @overload
    def __call__(self, name: str, *, sync: Literal[True], **options: Any) -> Anthropic: ...

    def __call__(
        self, name: str, *, sync: bool = False, **options: Any
    ) -> AsyncAnthropic | Anthropic:
        """The SDK's `AsyncAnthropic`, or `Anthropic` with `sync=True`, which takes the recorded
        seconds for real. Raises RecordingError, ModeError and MissingKey.
        """
        __tracebackhide__ = True
        self.mode = modes.current_mode()
        if self.mode == "record" and "PYTEST_XDIST_WORKER" in os.environ:
            raise modes.ModeError(
                "Several processes would write the same recordings: record with `-n 0`."
            )
        path = self.folder / f"{name}.yaml"
        if self.mode == "replay" and not path.exists():
            others = ", ".join(names_in(self.folder)) or "none"
            raise RecordingError(
                f"There is no recording {path}. Recorded there: {others}. {self.way_to_record()}"
            )
        played = self.played.setdefault(path, set())
        options["middleware"] = [*(options.get("middleware") or ()), RequestLog(self)]
        try:
            return connect(
                name,
                folder=self.folder,
                strict=self.strict,
                sync=sync,
                faults=self.faults,
                on_play=played.add,
                **options,
            )
        except RecordingError as error:
            error.add_note(self.way_to_record())
            raise

    def way_to_record(self) -> str:
        """The command that records this test."""
        command = f'MAS_MODE=record python -m pytest "{self.test}"'
        return f"To record, with a key in ANTHROPIC_API_KEY: {command}"

    def objection(self) -> str:
        """Why a test that passed has failed all the same; `""` where nothing is wrong."""
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


def write_recordings(paths: dict[Path, bool]) -> list[str]:
    """What became of each recording, a line each: it is written where its value is true, that is
    where no test of it met an error, an assertion apart.
    """
    return [_write(path, met_no_error) for path, met_no_error in sorted(paths.items())]


def _write(path: Path, met_no_error: bool) -> str:
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    recorder = recorder_of(path.stem, path)
    if met_no_error and recorder.finish():
        return f"recorded: {shown}"
    recorder.abandon()
    return f"not recorded: {shown}, for a test failed or nothing came"


class RequestLog(anthropic.Middleware):
    """Keeps what calls ask, and each request that was never recorded, also where the code under
    test goes on.
    """

    def __init__(self, kept: Recordings) -> None:
        self.kept = kept

    def handle(self, request: Any, call_next: Any) -> Any:
        with self._logged(request):
            return call_next(request)

    async def handle_async(self, request: Any, call_next: Any) -> Any:
        with self._logged(request):
            return await call_next(request)

    @contextlib.contextmanager
    def _logged(self, request: Any) -> Iterator[None]:
        if not request.retries_taken:
            self.kept.sent.append(request.json)
        try:
            yield
        except MissingRecording as error:
            self.kept.missed.append(str(error))
            error.add_note(self.kept.way_to_record())
            raise


class FaultList:
    """What fails on the way: `append(Fault("overloaded", agent="worker", call=2))`, or `draw(7,
    overloaded=0.1)`.

    The clients of `recordings` obey it, also those made before; so does `fake_client(…,
    faults=faults)`. Calls are counted for each client and agent: 1 is the first that this client
    makes for this agent.
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
        """Adds faults by chance: the same seed hits the same calls. A Fault that was appended comes
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
        """Which of the faults that were appended hit nothing: a test that provokes nothing shows
        nothing.
        """
        unmet = ", ".join(str(fault) for fault in self._appended if fault not in self._met)
        if not unmet:
            return ""
        calls = ", ".join(self._calls) or "none"
        return f"{unmet} hit no call. There were: {calls}.\n{ADDRESSES}"


ADDRESSES = (
    "Inside `with agent_span('name'):` a call has an agent's name; without, use call= and between=."
)


class VirtualTime:
    """`run(coro)` on a clock that jumps; then what that run took: `.seconds`, `.calls`,
    `.cost_usd`, `.trace`.
    """

    def __init__(self, recordings: Recordings) -> None:
        self._recordings = recordings
        self._trace: Trace | None = None

    def run(self, coro: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns.

        The clock is the real one while a recording is made, or in live mode. Raises RuntimeError
        inside a running loop.
        """
        __tracebackhide__ = True
        if asyncio._get_running_loop() is not None:
            coro.close()
            raise RuntimeError(
                "virtual_time.run() brings its own loop: "
                "make the test a plain `def`, not `async def`."
            )
        with trace() as self._trace:
            return run(coro, clock="virtual" if self._recordings.mode == "replay" else "real")

    @property
    def trace(self) -> Trace:
        """The trace of the last run. Raises RuntimeError before the first."""
        if self._trace is None:
            raise RuntimeError("Nothing has run yet: virtual_time.run(main()) first.")
        return self._trace

    @property
    def seconds(self) -> float:
        """The seconds of the last run."""
        return self.trace.seconds

    @property
    def calls(self) -> list[Call]:
        """The API calls of the last run, in the order in which they began."""
        return self.trace.calls

    @property
    def cost_usd(self) -> float:
        """The dollars of the last run; its `.unknown` names the models without a price."""
        return cost_usd(self.trace)
