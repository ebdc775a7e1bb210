"""What would break on a machine that is not this one: its encoding, its clock, its pipes, its file
names.
"""

import ast
import asyncio
import contextlib
import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import programs
import pytest

from mas_helpers import HAIKU, Agent, connect, run
from mas_helpers import __main__ as command_line
from mas_helpers.bench.modes import ModeError
from mas_helpers.bench.time.loop import VirtualLoop
from mas_helpers.bench.transports.record import finish_all
from mas_helpers.course.ask import command as ask

ROOT = Path(__file__).parents[1]
SOURCES = [
    path
    for folder in (
        "mas_helpers",
        "mas_stand_in",
        "tools",
        "teaching",
        "tests",
        "notebooks",
        "benchmarks",
        "examples",
        "docs",
        ".",
    )
    for path in sorted(
        (ROOT / folder).glob("*.py") if folder == "." else (ROOT / folder).rglob("*.py")
    )
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
]
UNIX_ONLY = {"crypt", "fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10)),
}


def is_program(path):
    source = path.read_text(encoding="utf-8")
    return "argparse" in source and '__name__ == "__main__"' in source and "hub" not in path.parts


PROGRAMS = [
    path
    for path in SOURCES
    if path.parent.name in ("tools", "teaching", ROOT.name) and is_program(path)
]
COMMANDS = [
    *([str(path.relative_to(ROOT)), "--help"] for path in PROGRAMS),
    ["-m", "mas_stand_in", "--help"],
    ["-m", "mas_helpers", "check", "--no-run"],
    ["-m", "mas_helpers", "ask", "--help"],
    ["-m", "mas_helpers", "ask", "1", "--fast"],
]


def told(command, **changes):
    """What the command says into a pipe, in the encoding of the machine or of PYTHONIOENCODING."""
    gone = ("PYTHONUTF8", "PYTHONIOENCODING", "ANTHROPIC_", "MAS_")
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(gone)
    } | changes
    done = programs.run(
        [sys.executable, *command], cwd=ROOT, env=variables, capture_output=True, timeout=600
    )
    assert b"Traceback" not in done.stderr and b"Error" not in done.stderr, done.stderr.decode(
        errors="replace"
    )
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_prints_where_the_encoding_has_no_letter_of_ours(command):
    """ASCII is what every encoding has; that of a pipe on Windows, cp1252, lacks ●, ─ and ✗ as
    well.
    """
    assert told(command, PYTHONIOENCODING="ascii").isascii()


def test_there_are_commands_to_try():
    assert {path.name for path in PROGRAMS} >= {"start.py", "build.py", "cost.py"}


@pytest.mark.parametrize(("encoding", "kept"), [("utf-8", "●".encode()), ("cp1252", b"\\u25cf")])
def test_the_whole_run_in_json_loses_no_letter_in_any_encoding(monkeypatch, encoding, kept):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(ask, "run_as_dict", lambda brief, spent: {"answer": "● →"})
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert command_line.main(["ask", "1", "--fast", "--json"]) == 0
    said = sys.stdout.buffer.getvalue()
    assert kept in said and json.loads(said.decode(encoding))["answer"] == "● →"


def test_every_open_names_its_encoding():
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--preview"]
    done = subprocess.run(
        [*command, "--select", "PLW1514", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("ticks", [1e-9, 0.015625], ids=["a clock of Linux", "a clock of Windows"])
def test_timers_a_millisecond_apart_end_each_at_its_own_time(monkeypatch, ticks):
    real = time.get_clock_info("monotonic")
    monkeypatch.setattr(
        time, "get_clock_info", lambda name: type(real)(**{**vars(real), "resolution": ticks})
    )

    async def ended(seconds):
        await asyncio.sleep(seconds)
        return asyncio.get_running_loop().time()

    async def all_three():
        return await asyncio.gather(ended(1.0), ended(1.001), ended(1.01))

    assert run(all_three(), clock="virtual") == [1.0, 1.001, 1.01]


def test_a_loop_that_starts_no_process_says_so_and_what_to_do(monkeypatch):
    """The loop of Windows that can have a virtual clock is such a one."""
    monkeypatch.setattr(
        VirtualLoop, "_make_subprocess_transport", asyncio.BaseEventLoop._make_subprocess_transport
    )

    async def main():
        return await asyncio.create_subprocess_exec(sys.executable, "-c", "")

    with pytest.raises(ModeError, match="asyncio.to_thread"):
        run(main(), clock="virtual")


def test_ctrl_c_ends_the_wait_for_replies_that_are_still_under_way(
    monkeypatch, tmp_path, capsys, stand_in
):
    """Given to another thread, the signal ends no join on Linux either: as on Windows."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")

    async def give_up(client):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await Agent("worker", HAIKU, "", client=client).run("?")

    with stand_in(entries=[{"replies": [{"text": "late", "seconds": 60.0}]}]) as url:
        run(give_up(connect("x", mode="record", folder=tmp_path, base_url=url)))
        threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()
        finish_all()
    assert "1 reply still under way …\nNot waiting any longer" in capsys.readouterr().err


@pytest.mark.slow
def test_a_reader_who_hangs_up_at_once_is_no_error():
    command = [sys.executable, "-m", "mas_helpers", "ask"]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=buffered, **pipes) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert (said, process.returncode) == (b"", 0)


class HungUp(io.StringIO):
    """A pipe that nobody reads any more, as Windows tells it."""

    def __init__(self, error, descriptor):
        super().__init__()
        self.error, self.descriptor = error, descriptor

    def write(self, text):
        raise self.error

    def fileno(self):
        return self.descriptor


def in_a_pipe_that_fails(monkeypatch, tmp_path, error):
    with (tmp_path / "out").open("wb") as file, monkeypatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(sys, "stdout", HungUp(error, file.fileno()))
        return command_line.main(["ask"])


def test_windows_calls_such_a_pipe_an_invalid_argument(monkeypatch, tmp_path):
    assert (
        in_a_pipe_that_fails(monkeypatch, tmp_path, OSError(errno.EINVAL, "Invalid argument")) == 0
    )


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EINVAL, "Invalid argument", "a?.yaml"), OSError(errno.ENOSPC, "No space left")],
)
def test_any_other_error_of_the_system_is_told(monkeypatch, tmp_path, error):
    with pytest.raises(OSError, match=error.strerror):
        in_a_pipe_that_fails(monkeypatch, tmp_path, error)


def test_no_module_needs_what_only_unix_has_to_be_imported():
    """The hub apart, which runs on Linux and says so."""
    found = []
    for path in (path for path in SOURCES if "hub" not in path.parts):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            found += [f"{path.relative_to(ROOT)}: {name}" for name in names if name in UNIX_ONLY]
    assert found == []


def files_of_the_course():
    for folder, folders, names in os.walk(ROOT):
        if Path(folder) == ROOT:
            folders[:] = [name for name in folders if not name.startswith(".") and name != "site"]
        folders[:] = [
            name
            for name in folders
            if name not in ("__pycache__", ".ipynb_checkpoints", ".pytest_cache")
        ]
        yield from (Path(folder) / name for name in [*folders, *names])


def test_every_file_has_a_name_that_any_disk_takes():
    paths = [path.relative_to(ROOT).as_posix() for path in files_of_the_course()]
    assert len(paths) > 200
    assert [path for path in paths if re.search(r'[<>:"|?*\\\x00-\x1f]|[. ](/|$)', path)] == []
    assert [
        path for path in paths if {part.split(".")[0].lower() for part in path.split("/")} & DEVICES
    ] == []
    assert len({path.casefold() for path in paths}) == len(paths)
    assert max(map(len, paths)) < 100  # of the 260 characters of a path on Windows
    assert not any((ROOT / path).is_symlink() for path in paths)


def test_line_ends_are_those_of_the_repository_on_every_machine():
    rules = (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert rules[0] == "* text=auto eol=lf"
    texts = [
        path
        for path in files_of_the_course()
        if path.suffix in (".py", ".md", ".ipynb", ".yaml", ".toml", ".svg")
    ]
    assert [path.name for path in texts if b"\r\n" in path.read_bytes()] == []
