"""Programs in processes of their own, without the seconds that each would take to import the same
packages: on Linux a program is a fork of an interpreter that has imported what others made, and
nothing of ours; elsewhere an interpreter starts.
"""

import atexit
import codecs
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from types import ModuleType

# What every kernel, or every program of ours, imports sooner or later.
PACKAGES = ["anthropic", "anthropic.lib.tools", "filelock", "genai_prices", "ipykernel.ipkernel"]
PACKAGES += ["ipywidgets", "jsonschema", "nest_asyncio2", "opentelemetry.sdk.trace", "rich.live"]
PACKAGES += ["yaml"]  # not ipykernel.kernelapp: it reads JPY_PARENT_PID as it is imported
# Of the variables that an interpreter reads as it starts, those that a fork can follow.
FOLLOWED = {"PYTHONIOENCODING", "PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONUTF8"}
VARIABLES = dict(os.environ)  # of the server


def popen(command, **options):
    """Like `subprocess.Popen`; a fork where the command starts this interpreter with a module, code
    or a file, and asks of the system nothing but pipes, a folder, variables and a session.
    """
    known = {"bufsize", "cwd", "encoding", "env", "errors", "start_new_session", "stderr", "stdin"}
    known |= {"stdout", "text"}
    words = [os.fspath(word) for word in command]
    env = options.get("env") or os.environ
    forks = sys.platform == "linux" and words[0] == sys.executable and options.keys() <= known
    forks = forks and (words[1] in ("-m", "-c") or words[1][0] != "-")
    if forks and read_at_start(env) == read_at_start(VARIABLES):
        return Program(words, **options)
    return subprocess.Popen(command, **options)


def run(command, input=None, capture_output=False, timeout=600, check=False, **options):
    """Like `subprocess.run`, with `popen` from here."""
    if input is not None:
        options["stdin"] = subprocess.PIPE
    if capture_output:
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with popen(command, **options) as process:
        try:
            out, err = process.communicate(input, timeout)
        except BaseException:
            process.kill()
            raise
    done = subprocess.CompletedProcess(command, process.returncode, out, err)
    if check:
        done.check_returncode()
    return done


def read_at_start(variables):
    return {k: v for k, v in variables.items() if k.startswith("PYTHON") and k not in FOLLOWED}


class Program(subprocess.Popen):
    """A fork of the server; its parent says here how it ended."""

    def _execute_child(self, args, *system):
        (_, _, _, _, cwd, env, _, _, _, *pipes), session = system[:15], system[-2]
        read, _, _, write, _, write_errors = pipes
        here, there = socket.socketpair()
        streams = [read, write, write_errors]
        fds = [place if fd == -1 else fd for place, fd in enumerate(streams)]
        with there:
            socket.send_fds(server().door, [b"!"], [*fds, there.fileno()])
        wanted = {"words": args[1:], "cwd": os.fspath(cwd or os.getcwd()), "session": session}
        self.told = here.makefile("rwb", buffering=0)
        here.close()
        self.told.write(json.dumps(wanted | {"env": dict(env or os.environ)}).encode() + b"\n")
        self.pid = int(self.told.readline())
        self._child_created = True
        self._close_pipe_fds(*pipes)

    def _internal_poll(self, _deadstate=None):
        if self.returncode is None and select.select([self.told], [], [], 0)[0]:
            self._wait(None)
        return self.returncode

    def _wait(self, timeout):
        if self.returncode is None:
            if not select.select([self.told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout)
            self.returncode = int(self.told.readline() or -signal.SIGKILL)
            self.told.close()
        return self.returncode


class Server:
    """The interpreter that forks, and the door at which it is asked to."""

    def __init__(self):
        self.door, there = socket.socketpair()
        with there:
            command = [sys.executable, __file__, str(there.fileno())]
            self.process = subprocess.Popen(
                command, env=VARIABLES, pass_fds=[there.fileno()], stdin=subprocess.DEVNULL
            )
        atexit.register(self.close)

    def close(self):
        self.door.close()
        self.process.wait()


@functools.cache
def server():
    return Server()


def serve(door):
    """What a fork is asked for; the server itself never returns."""
    for name in PACKAGES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        asked, fds, *_ = socket.recv_fds(door, 1, 4)
        with contextlib.suppress(ChildProcessError):  # none is left
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not asked:
            sys.exit()
        if not os.fork():
            break
        for fd in fds:
            os.close(fd)
    door.close()
    *streams, told = fds
    with socket.socket(fileno=told) as parent, parent.makefile("rwb", buffering=0) as told:
        wanted = json.loads(told.readline())
        if pid := os.fork():
            watch(pid, told, streams)
        become(streams, **wanted)
        told.write(b"%d\n" % os.getpid())
    return wanted["words"]


def watch(pid, told, streams):
    """Says how the program ended. Where nobody is there to hear it, a kernel ends by itself."""
    for fd in streams:
        os.close(fd)
    end = os.pidfd_open(pid)
    if end in select.select([end, told], [], [])[0]:
        told.write(b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    os._exit(0)


def become(streams, words, cwd, session, env):
    """Makes this process what an interpreter that had just started would be."""
    for place, fd in enumerate(streams):
        os.dup2(fd, place)
    for fd in streams:
        os.close(fd)
    if session:
        os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    if "JPY_PARENT_PID" in env:  # a kernel ends with its parent
        os.environ["JPY_PARENT_PID"] = str(os.getppid())
    signal.signal(signal.SIGINT, signal.default_int_handler)
    encoding, _, errors = env.get("PYTHONIOENCODING", "").partition(":")
    encoding = codecs.lookup(encoding).name if encoding else sys.__stdout__.encoding
    how = {"encoding": encoding, "errors": errors or "strict"}
    sys.stdin = sys.__stdin__ = open(0, **how)
    sys.stdout = sys.__stdout__ = open(1, "w", **how)
    sys.stderr = sys.__stderr__ = open(2, "w", **how | {"errors": "backslashreplace"}, buffering=1)
    if env.get("PYTHONUNBUFFERED"):
        sys.stdout.reconfigure(write_through=True)
    first = {"-m": cwd, "-c": ""}.get(words[0], os.path.dirname(os.path.abspath(words[0])))
    named = [part for part in env.get("PYTHONPATH", "").split(os.pathsep) if part]
    sys.path[:] = [first, *dict.fromkeys([*named, *OWN])]  # each once, as an interpreter does
    sys.path_importer_cache.clear()
    sys.argv = words[words[0] in ("-m", "-c") :]


def execute(words):
    if words[0] == "-m":
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    elif words[0] == "-c":
        sys.argv[0] = "-c"
        sys.modules["__main__"] = main = ModuleType("__main__")
        exec(compile(words[1], "<string>", "exec"), main.__dict__)
    else:
        runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    OWN = [path for path in sys.path[1:] if path not in given]
    execute(serve(socket.socket(fileno=int(sys.argv[1]))))
