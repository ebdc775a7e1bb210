"""The pytest plugin of mas_helpers: the fixtures recordings, faults, virtual_time and
blocked_sockets.

It is beside the package, for importing any part of that imports the SDK: a second or two at
each start of pytest, and earlier than a conftest that wants to be first. What the fixtures give is
in `mas_helpers/bench/pytest_plugin.py`.
"""

from __future__ import annotations

import fnmatch
import functools
import inspect
import os
import re
import sys
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from mas_helpers.bench.pytest_plugin import FaultList, Kit, Recordings, VirtualTime

MARKER = (
    "recordings(strict=True, all_played=False): what replay does in this test with a request that "
    "was never recorded (strict: an error, else the nearest reply), and with replies that it did "
    "not play (all_played: it fails)."
)
_kits: pytest.StashKey[Kit] = pytest.StashKey()
_running: pytest.StashKey[pytest.Item] = pytest.StashKey()
_shared: pytest.StashKey[Recordings] = pytest.StashKey()
_guards: pytest.StashKey[BlockedSockets] = pytest.StashKey()
# what is recorded, and whether its tests ended without an error
_to_record: pytest.StashKey[dict[Path, bool]] = pytest.StashKey()
_record_report: pytest.StashKey[list[str]] = pytest.StashKey()
# the fixtures that are open, the innermost last; what is blocked is the whole process
_blocking: list[BlockedSockets] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """The settings; each is one line of `pytest --help`."""
    add = parser.addini
    add(
        "mas_strict",
        "what was never recorded is an error (default: true)",
        type="bool",
        default=True,
    )
    add(
        "mas_all_played",
        "each test plays all of its recordings (false)",
        type="bool",
        default=False,
    )
    add("mas_recordings", "their folder, from the root of the project (recordings/ beside a test)")
    add(
        "mas_patch_time",
        "in virtual time, time.time, time.monotonic and datetime.now show it (false)",
        type="bool",
        default=False,
    )
    add("mas_blocked_sockets", "every test has blocked_sockets (false)", type="bool", default=False)
    add(
        "mas_allowed_sockets",
        "hosts and paths let through, one a line",
        type="linelist",
        default=[],
    )


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known to --strict-markers."""
    config.addinivalue_line("markers", MARKER)
    config.stash[_to_record] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Notes which test is running: what the clients of a fixture of any scope do is its doing."""
    stash = item.config.stash
    stash[_running] = item
    try:
        return (yield)
    finally:
        del stash[_running]
        if (kit := item.stash.get(_kits, None)) and kit.mode == "record":
            for path in kit.played:
                stash[_to_record][path] = kit.ended_well and stash[_to_record].get(path, True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test begins, perhaps again: its kit is new, and replies are counted from the start."""
    if _kits in item.stash:
        del item.stash[_kits]
    if counting := sys.modules.get("mas_helpers.bench.counting"):
        counting.begin_test()


def _kit_of(item: pytest.Item) -> Kit:
    """What belongs to this test, made when it is first asked for."""
    from mas_helpers.bench.pytest_plugin import Kit

    if kit := item.stash.get(_kits, None):
        return kit
    rules: dict[str, bool] = {
        name: item.config.getini(f"mas_{name}") for name in ("strict", "all_played")
    }
    # the test's own last: it has the last word
    for mark in reversed(list(item.iter_markers("recordings"))):
        if mark.args or set(mark.kwargs) - set(rules):
            pytest.fail(
                f"{mark}: @pytest.mark.recordings takes strict= and all_played=.", pytrace=False
            )
        rules |= mark.kwargs
    folder = item.config.getini("mas_recordings")
    kit = item.stash[_kits] = Kit(
        item.config.rootpath / folder if folder else item.path.parent / "recordings",
        item.nodeid,
        strict=rules["strict"],
        all_played=rules["all_played"],
    )
    return kit


@pytest.fixture(scope="session")
def _mas_helpers_recordings(request: pytest.FixtureRequest) -> Recordings:
    """What the fixtures share; the kit in it is that of the test that is running."""
    from mas_helpers.bench.pytest_plugin import Recordings

    stash = request.config.stash
    shared = stash[_shared] = Recordings(lambda: _kit_of(stash[_running]))
    return shared


@pytest.fixture(scope="session")
def recordings(_mas_helpers_recordings: Recordings) -> Recordings:
    """`recordings("name")`: the SDK's client, on recordings/name.yaml beside the test file;
    MAS_MODE=record records it.

    Options go on to the client: `recordings("name", sync=True, timeout=5.0)`. `recordings.sent` has
    what was asked. A fixture of a module or session may ask for clients as well; what they do
    counts for the test that is running.
    """
    return _mas_helpers_recordings


@pytest.fixture
def faults(_mas_helpers_recordings: Recordings) -> FaultList:
    """What the clients of `recordings` meet: `faults.append(Fault("reset", call=2))`,
    `faults.draw(7, slow=0.1)`.
    """
    return _mas_helpers_recordings.kit.faults


@pytest.fixture
def virtual_time(
    _mas_helpers_recordings: Recordings, request: pytest.FixtureRequest
) -> Iterator[VirtualTime]:
    """`virtual_time.run(main())` on a clock that jumps; then that run's `.seconds`, `.calls`,
    `.cost_usd`, `.trace`. In an `async def` test: its own, up to here.
    """
    from mas_helpers.bench.pytest_plugin import VirtualTime

    measured = VirtualTime(
        _mas_helpers_recordings, patch_time=request.config.getini("mas_patch_time")
    )
    test = request.node.obj
    if inspect.iscoroutinefunction(test):
        request.node.obj = measured.measured(test)
    yield measured
    request.node.obj = test


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Judges what only the end of a test can tell, and does not judge one that was recorded just
    now.
    """
    recorded = "recorded; what it asserts is judged in replay"
    try:
        result = yield
        _note_good_end(item)
    except (AssertionError, pytest.fail.Exception) as error:
        if _note_good_end(item):
            pytest.skip(f"{recorded}: {error}".partition("\n")[0])
        raise
    except (pytest.skip.Exception, pytest.xfail.Exception):
        _note_good_end(item)
        raise
    finally:  # what the code under test may have caught, for the report of a failure
        kit, guard = item.stash.get(_kits, None), item.stash.get(_guards, None)
        if kit and kit.missed:
            item.add_report_section(
                "call", "requests that were never recorded", "\n\n".join(kit.missed)
            )
        if guard and guard.refused:
            item.add_report_section("call", "sockets that were blocked", "\n\n".join(guard.refused))
    if kit and (objection := kit.objection()):
        pytest.fail(objection, pytrace=False)
    if kit and kit.mode == "record":
        pytest.skip(recorded)
    return result


def _note_good_end(item: pytest.Item) -> bool:
    """True for a test that is being recorded, which has come to its end."""
    kit = item.stash.get(_kits, None)
    if kit:
        kit.ended_well = True
    return kit is not None and kit.mode == "record"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes what was recorded."""
    if to_record := session.config.stash[_to_record]:
        from mas_helpers.bench.pytest_plugin import write_recordings

        lines, well = write_recordings(to_record)
        session.config.stash[_record_report] = lines
        if not well and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Names the recordings that were written, and those that were not."""
    for line in config.stash.get(_record_report, []):
        terminalreporter.write_line(line)


def _replaying(monkeypatch: pytest.MonkeyPatch) -> bool:
    """True in replay, where the key is taken out, so that no test can use it by accident."""
    replaying = os.environ.get("MAS_MODE") in (None, "", "replay")
    for name in list(os.environ):
        is_key = name.startswith("ANTHROPIC_") and name.endswith(("_KEY", "_TOKEN", "_SECRET"))
        if replaying and is_key:
            monkeypatch.delenv(name)
    return replaying


class SocketBlocked(RuntimeError):
    """A socket was opened to something in a test that has `blocked_sockets`.

    Where the SDK is loaded it is an `anthropic.AnthropicError` as well: the SDK turns any other
    error into "Connection error." after two retries.
    """


class BlockedSockets:
    """What may be opened all the same: `blocked_sockets.allow("127.0.0.1", "/run/db/*")`."""

    def __init__(self, allowed: list[str]) -> None:
        self.allowed = list(allowed)
        self.refused: list[str] = []

    def allow(self, *patterns: str) -> None:
        """Lets through connections to these hosts or paths; `*` stands for anything."""
        self.allowed += patterns

    def allows(self, host: str) -> bool:
        """True where a pattern fits the host or path."""
        return any(fnmatch.fnmatchcase(host, pattern) for pattern in self.allowed)


@pytest.fixture
def blocked_sockets(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BlockedSockets]:
    """A socket that is opened to anything is an error, and no key is set.

    With MAS_MODE=record or live: neither.
    """
    guard = request.node.stash[_guards] = BlockedSockets(
        request.config.getini("mas_allowed_sockets")
    )
    if not _replaying(monkeypatch):
        guard.allow("*")
    _watch_sockets()
    _blocking.append(guard)
    yield guard
    _blocking.remove(guard)


@pytest.fixture(autouse=True)
def _replay_or_block_as_set(request: pytest.FixtureRequest) -> None:
    if "recordings" in request.fixturenames:
        recordings = request.getfixturevalue("recordings")
        if recordings is request.config.stash.get(_shared, None):  # and none of the suite's own
            _kit_of(request.node)
            _replaying(request.getfixturevalue("monkeypatch"))
    if request.config.getini("mas_blocked_sockets"):
        request.getfixturevalue("blocked_sockets")


@functools.cache
def _watch_sockets() -> None:
    """Once per process: a hook stays for good, but does nothing when nothing is blocked."""
    sys.addaudithook(_refuse)


# in which of the event's arguments the address is
ADDRESS = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getaddrinfo": 0}


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if not _blocking or event not in ADDRESS or (address := args[ADDRESS[event]]) is None:
        return
    host = _host(address)
    if event == "socket.getaddrinfo" and _LOOKED_UP_NOWHERE(host):
        return
    if _is_pair_of_an_event_loop(sys._getframe(1)) or _blocking[-1].allows(host):
        return
    problem = (
        f"blocked_sockets: {event}({address!r}) was called. In a test, ask a client from "
        f"`recordings` or fake_client(…). To let it through: blocked_sockets.allow({host!r}) in "
        f"the test, or mas_allowed_sockets = {host} in the settings of pytest."
    )
    _blocking[-1].refused.append(problem)
    if event != "socket.getaddrinfo":
        # else it is warned of as unclosed: the standard library closes it only after an OSError
        args[0].close()
    raise _error_class("anthropic" in sys.modules)(problem)


def _host(address: Any) -> str:
    host = address[0] if isinstance(address, tuple) else address
    return host.decode(errors="replace") if isinstance(host, bytes) else str(host)


def _is_pair_of_an_event_loop(caller: FrameType) -> bool:
    """True for the loop's own pair of sockets, which on Windows is made by a connection."""
    function = caller.f_code.co_name
    return caller.f_globals.get("__name__") == "socket" and function.endswith("socketpair")


_LOOKED_UP_NOWHERE = re.compile(r"localhost|[\d.]*|[\da-fA-F:]*:[\da-fA-F:.%\w]*").fullmatch


@functools.cache
def _error_class(sdk_is_loaded: bool) -> type[SocketBlocked]:
    """SocketBlocked; where the SDK is loaded, the same as one of its own errors. This module does
    not load the SDK itself.
    """
    if not sdk_is_loaded:
        return SocketBlocked
    bases = (SocketBlocked, sys.modules["anthropic"].AnthropicError)
    return type("SocketBlocked", bases, {"__module__": __name__, "__doc__": SocketBlocked.__doc__})
