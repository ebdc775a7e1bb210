"""Whether this machine can serve a room, and how many it holds; what is missing is installed or
said in a sentence.
"""

import contextlib
import importlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from private import closed

import start

COMMAND = "sudo .venv/bin/python teaching/hub/serve.py"
HERE = Path(__file__).resolve().parent
RESERVE_MIB = 1024  # for the machine itself, the hub and its proxy
LESSONS = 3  # that an attendee leaves open, a kernel each
ONE_USER = (
    "Without root all attendees are one user of this machine: each of them can read and change the"
    f" others' files and stop their kernels. Start it with sudo ({COMMAND}), or, in a room of"
    " people who trust one another, accept that with --one-user."
)
TRIAL = """
import jupyterhub.singleuser, jupyterlab, ipykernel, mas_helpers, os, runpy, sys
open_to_all = [place for place in sys.argv[2:] if os.access(place, os.W_OK)]
if open_to_all:
    sys.exit(f"attendees could write in {open_to_all[0]}: chmod -R o-w {open_to_all[0]}")
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def check(isolated):
    if os.name == "nt":
        sys.exit(
            "JupyterHub does not run on Windows. Use a Linux machine, or let each attendee run:"
            " python3 start.py"
        )
    if not find_spec("mas_helpers"):
        sys.exit(f"This Python has no course. Set it up (python3 start.py setup), then: {COMMAND}")
    if isolated and os.geteuid() != 0:
        sys.exit(ONE_USER)
    if not isolated and os.geteuid() == 0:
        sys.exit(
            "As root, leave --one-user away: each attendee then gets a user id of his or her own."
        )


def install_what_is_missing():
    if find_spec("jupyterhub") and find_spec("configurable_http_proxy"):
        return
    if sys.prefix == sys.base_prefix:
        sys.exit(
            "This Python has no JupyterHub. Set the course up (python3 start.py setup), then:"
            f" {COMMAND}"
        )
    owner = os.stat(sys.prefix).st_uid
    as_owner = ["sudo", "-H", "-u", f"#{owner}"] if os.geteuid() == 0 and owner else []
    print("Installing JupyterHub into .venv (half a minute, once)")
    start.install_course("hub", sys.executable, as_owner)
    importlib.invalidate_caches()


def prepare(folder: Path) -> Path:
    if folder.exists() and not (folder / ".hub").is_dir() and any(folder.iterdir()):
        sys.exit(
            f"{folder} holds something else. Give the workshop a folder of its own: --folder"
            " NEW_FOLDER"
        )
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # pass, but do not list
    for name in (".hub", ".hub/pins", ".hub/logs"):
        (folder / name).mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="ascii")
    return folder


@contextlib.contextmanager
def alone(folder: Path):
    import fcntl

    with open(folder / ".hub" / "lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(
                f"{folder} is being served already. Give the second workshop a folder of its own:"
                " --folder F"
            )
        yield


def try_as_attendee(places, run_folder, isolated):
    """Exits with a sentence if an attendee could not use the course, or could change it."""
    from attendees import UIDS, as_user

    package = Path(find_spec("mas_helpers").origin).parent
    # compiled once, in the owner's name: attendees may not write there
    owner = package.stat().st_uid
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", package],
        **as_user(owner, isolated) | {"umask": 0o022},
    )
    with tempfile.TemporaryDirectory(dir=run_folder) as home:
        if isolated:
            os.chown(home, UIDS[0], UIDS[0])
        command = [
            sys.executable,
            "-c",
            TRIAL,
            HERE / "copy_course.py",
            *((package, *places) if isolated else ()),
        ]
        variables = {"HOME": home, "PATH": os.environ.get("PATH", "")}
        try:
            options = {"cwd": home, "env": variables, "capture_output": True, "text": True}
            tried = subprocess.run(command, **options, **as_user(UIDS[0], isolated))
            problem = tried.stderr.strip().splitlines()[-1:] if tried.returncode else []
        except OSError as error:
            problem = [str(error)]
    if problem:
        doors = ", ".join(str(door) for door in closed(places))
        others = f" Others may not pass {doors}." if doors else ""
        sys.exit(
            f"An attendee cannot use the course: {problem[0]}.{others} Put the course, and a Python"
            " that all may read (the system's own), under a folder like /opt, set it up there"
            " (python3 start.py setup), and start again."
        )


def capacity() -> tuple[int, int, int, str]:
    """How many attendees the free memory holds, the MiB free, those that one takes, and the day
    that was measured.
    """
    import psutil

    measured = json.loads((HERE / "measured.json").read_text(encoding="utf-8"))
    free = psutil.virtual_memory().available // 2**20
    each = measured["server_mib"] + LESSONS * measured["lesson_mib"]
    return max(1, (free - RESERVE_MIB) // each), free, each, measured["date"]


def is_free(port: int, address: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now.

    Ask below 32768: from there up any kernel may take it meanwhile.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def addresses() -> list[str]:
    import psutil

    found = [
        a.address
        for each in psutil.net_if_addrs().values()
        for a in each
        if a.family == socket.AF_INET
    ]
    return [address for address in found if not address.startswith("127.")] or ["127.0.0.1"]
