"""A Redis server of the machine, started for one test module on a socket in a folder of its own."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import redis

MISSING = "there is no redis-server here (Debian: apt-get install redis-server)"


@contextlib.contextmanager
def serving():
    """The path of its socket; None where no server is installed."""
    program = shutil.which("redis-server")
    if program is None or os.name == "nt":
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:  # a socket's path may have 108 characters
        socket = str(Path(folder) / "redis.sock")
        command = [program, "--port", "0", "--unixsocket", socket, "--dir", folder]
        command += ["--appendonly", "yes", "--save", ""]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            try:
                wait_for(socket)
                yield socket
            finally:
                server.terminate()


def wait_for(socket):
    for _ in range(200):
        with contextlib.suppress(redis.ConnectionError):
            with redis.Redis(unix_socket_path=socket) as client:
                client.ping()
                return
        time.sleep(0.05)  # a process starts when it can
    raise TimeoutError("the redis-server that was started doesn't answer")
