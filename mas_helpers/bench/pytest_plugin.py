"""What the pytest fixtures give: clients on recordings, faults, virtual time. pytest_mas_helpers.py
is their door.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import anthropic
import pytest

from . import modes
from .client import connect
from .faults import Fault, Schedule, random_faults
from .matching import words_of
from .recordings import MissingRecording, RecordingError, load
from .time.run import run
from .tracing.cost import cost_usd
from .tracing.spans import Trace, trace
from .transports.record import Recorder

T = TypeVar("T")


class Recordings:
    """`recordings("name")`: a client on recordings/name.yaml; `.sent` has the bodies of what was
    asked, in order.
    """

    def __init__(self, folder: Path, test: str, *, strict: bool, all_played: bool) -> None:
        self.folder, self.test, self.strict, self.all_played = folder, test, strict, all_played
        self.faults = FaultList()
        self.mode, self.went_through = "replay", True
        self.sent: list[dict[str, Any]] = []
        self.missed: list[str] = []
        # each recording, and where replay notes what it played of it
        self.opened: dict[Path, Path] = {}
        self._used = tempfile.TemporaryDirectory(prefix="mas_helpers_")

    def __call__(self, name: str, *, sync: bool = False, **options: Any) -> Any:
        """The SDK's `AsyncAnthropic`, or `Anthropic` with `sync=True`, which takes the recorded
        seconds for real.
        """
        __tracebackhide__ = True
        self.mode = modes.current_mode()
        if self.mode == "record" and "PYTEST_XDIST_WORKER" in os.environ:
            raise modes.ModeError(
                "Several processes would write the same recordings: record with `-n 0`."
            )
        path = self.folder / f"{name}.yaml"
        if self.mode == "replay" and not path.exists():
            others = ", ".join(sorted(p.stem for p in path.parent.glob("*.yaml"))) or "none"
            raise RecordingError(
                f"There is no recording {path}. Recorded there: {others}. {self._way_to_record()}"
            )
        played = self.opened.setdefault(path, Path(self._used.name, str(len(self.opened))))
        options["middleware"] = [*(options.get("middleware") or ()), Noting(self)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MAS_USED", str(played))
            return connect(
                name,
                folder=self.folder,
                strict=self.strict,
                sync=sync,
                faults=self.faults,
                **options,
            )

    def _way_to_record(self) -> str:
        return f'To record, with a key in ANTHROPIC_API_KEY: MAS_MODE=record python -m pytest "{self.test}"'

    def objection(self) -> str:
        """Why a test that passed has failed all the same; `""` where nothing is wrong."""
        if self.mode != "replay":
            return ""
        if self.strict and self.missed:
            missed = "\n\n".join(dict.fromkeys(self.missed))
            return f"The code went on, but what it asked was never recorded.\n\n{missed}\n\n{self._way_to_record()}"
        return self.faults.unmet() or (self._unplayed() if self.all_played and self.strict else "")

    def _unplayed(self) -> str:
        opened = {} if self.faults.given else self.opened  # what fails may end early
        lines = [line for path, played in opened.items() for line in _left(path, played)]
        return "\n".join([UNPLAYED, *lines, IF_UNPLAYED]) if lines else ""

    def close(self) -> None:
        self._used.cleanup()


UNPLAYED = "The test passed, but did not play these recorded replies:"
IF_UNPLAYED = """Does the code ask less than it did? If that is right, delete the file and record it again. If other
tests play them, give each its own recording, or mark this one @pytest.mark.recordings(all_played=False)."""


def _left(path: Path, noted: Path) -> Iterator[str]:
    played = (
        {line.split("\t")[1] for line in noted.read_text("utf-8").splitlines()}
        if noted.exists()
        else set()
    )
    for index, exchange in enumerate(load(path).exchanges):
        if str(index) not in played:
            end = " ".join(words_of(exchange.request))[-60:]
            yield f"  {path.name}, reply {index + 1}, to a request that ends in {end!r}"


def write(asked: dict[Path, bool]) -> list[str]:
    """What became of each recording: it is written where no test of it met an error, an assertion
    apart.
    """
    said = []
    for path, went_through in sorted(asked.items()):
        if not went_through:
            Recorder.open[path].recording.exchanges = []
        before = path.exists() and path.stat().st_mtime_ns
        Recorder.open[path].finish()
        written = path.exists() and path.stat().st_mtime_ns != before
        shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        said.append(
            f"recorded: {shown}"
            if written
            else f"not recorded: {shown}, for a test failed or nothing came"
        )
    return said


class Noting(anthropic.Middleware):
    """Keeps what calls ask, and each request that was never recorded, also where the code under
    test goes on.
    """

    def __init__(self, kept: Recordings) -> None:
        self.kept = kept

    def handle(self, request: Any, call_next: Any) -> Any:
        with self._noted(request):
            return call_next(request)

    async def handle_async(self, request: Any, call_next: Any) -> Any:
        with self._noted(request):
            return await call_next(request)

    @contextlib.contextmanager
    def _noted(self, request: Any) -> Iterator[None]:
        if not request.retries_taken:
            self.kept.sent.append(request.json)
        try:
            yield
        except MissingRecording as error:
            self.kept.missed.append(str(error))
            error.add_note(self.kept._way_to_record())
            raise


class FaultList:
    """What fails on the way: `append(Fault("overloaded", agent="worker", call=2))`, or `draw(7,
    overloaded=0.1)`.

    The clients of `recordings` obey it, also those made before; so does `fake_client(…,
    faults=faults)`. Calls are counted for each client and agent: 1 is the first that this client
    makes for this agent.
    """

    def __init__(self) -> None:
        self._listed: list[Fault] = []
        self._drawn: list[Schedule] = []
        self._met: set[Fault] = set()
        self._calls: list[str] = []

    given = property(lambda self: bool(self._listed or self._drawn))

    def append(self, fault: Fault) -> None:
        if not isinstance(fault, Fault):
            raise TypeError(
                f"faults.append({fault!r}): write faults.append(Fault('overloaded', call=2))"
            )
        self._listed.append(fault)

    def draw(self, seed: int, **rates: float) -> None:
        """By chance: the same seed hits the same calls. A Fault that was appended comes first."""
        self._drawn.append(random_faults(seed, **rates))

    def __call__(self, agent: str, call: int, attempt: int, second: float) -> Fault | None:
        self._calls.append(f"{agent or 'without an agent'} {call} at {second:g} s")
        for fault in self._listed:
            if fault.hits(agent, call, attempt, second):
                self._met.add(fault)
                return fault
        return next(
            (
                fault
                for schedule in self._drawn
                if (fault := schedule(agent, call, attempt, second))
            ),
            None,
        )

    def unmet(self) -> str:
        """Which of the faults that were appended hit nothing: a test that provokes nothing shows
        nothing.
        """
        unmet, made = (
            [str(fault) for fault in self._listed if fault not in self._met],
            self._calls or ["none"],
        )
        return (
            f"{', '.join(unmet)} hit no call. There were: {', '.join(made)}.\n{ADDRESSES}"
            if unmet
            else ""
        )


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

        The clock is the real one while a recording is made, or in live mode.
        """
        __tracebackhide__ = True
        if asyncio._get_running_loop() is not None:
            coro.close()
            raise RuntimeError(
                "virtual_time.run() brings its own loop: make the test a plain `def`, not `async def`."
            )
        with trace() as self._trace:
            return run(coro, clock="virtual" if self._recordings.mode == "replay" else "real")

    @property
    def trace(self) -> Trace:
        if self._trace is None:
            raise RuntimeError("Nothing has run yet: virtual_time.run(main()) first.")
        return self._trace

    seconds = property(lambda self: self.trace.seconds)
    calls = property(lambda self: self.trace.calls)
    cost_usd = property(lambda self: cost_usd(self.trace))
