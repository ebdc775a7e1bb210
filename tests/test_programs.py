"""A program that is a fork finds what an interpreter of its own would find."""

import json
import os
import signal
import subprocess
import sys

import programs
import pytest

PROBE = """
import json, os, sys, threading
told = [sys.argv[1:], sys.path[1:], os.getcwd(), dict(os.environ), __name__, sys.stdin.read()]
told += [sys.stdout.encoding, sys.stdout.errors, sys.stderr.errors, threading.active_count()]
told += [sorted(name for name in sys.modules if name.startswith("mas_"))]
print(json.dumps(told))
sys.exit(7)
"""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing forks")


def words(way, folder):
    (folder / "probe.py").write_text(PROBE, encoding="utf-8")
    return {"-c": ["-c", PROBE], "-m": ["-m", "probe"], "file": [str(folder / "probe.py")]}[way]


@pytest.mark.parametrize("way", ["-c", "-m", "file"])
def test_it_finds_the_same_arguments_folder_variables_and_streams(way, tmp_path):
    command = [sys.executable, *words(way, tmp_path), "a", "b"]
    variables = os.environ | {"MINE": "é", "PYTHONIOENCODING": "latin-1:replace"}
    options = {"cwd": tmp_path, "env": variables, "input": "typed", "text": True}
    done = [of.run(command, capture_output=True, **options) for of in (programs, subprocess)]
    told, expected = [json.loads(one.stdout) for one in done]
    assert told == expected and told[5] == "typed"
    assert [one.returncode for one in done] == [7, 7]


def test_it_is_stopped_killed_and_told_apart():
    command = [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(600)"]
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with programs.popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert isinstance(process, programs.Program)
            assert process.stdout.readline() == b"1\n" and process.poll() is None
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.01)
            process.send_signal(sent)
            assert process.wait(60) == process.poll() == -sent


def test_what_a_fork_cannot_follow_starts_an_interpreter():
    for options in ({"env": os.environ | {"PYTHONHASHSEED": "1"}}, {"umask": 0o77}):
        with programs.popen([sys.executable, "-c", ""], **options) as process:
            assert not isinstance(process, programs.Program)
    with programs.popen([sys.executable, "-I", "-c", ""]) as process:
        assert not isinstance(process, programs.Program)
