"""An attendee on this machine: a user id, a folder, a copy of the course and a server that no other
attendee can reach.

No system account is made. The owner of an attendee's folder is the record of who has which user id,
so that who comes back tomorrow gets the same one, and what is in the folder stays his or hers.
"""

import asyncio
import itertools
import os
import resource
import secrets
import sys
from pathlib import Path

from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets import Bool, Unicode

sys.path[:0] = [str(Path(__file__).parents[2])]
from machine import is_free  # noqa: E402

import start  # noqa: E402

# above those of systemd's containers: https://systemd.io/UIDS-GIDS/
UIDS = range(1_900_000_000, 2_100_000_000)
# below those that kernels take at random, or one may be faster
PORTS = itertools.cycle(range(20_000, 30_000))
GIB = 2**30
# per process; per attendee; no core dumps
LIMITS = {"RLIMIT_DATA": 2 * GIB, "RLIMIT_NPROC": 1024, "RLIMIT_CORE": 0}


def home_of(folder: Path, name: str, isolated: bool) -> tuple[Path, int]:
    """The attendee's folder and user id; at the first login the folder is made, for a user id that
    nobody has.
    """
    home = folder / name
    if not isolated:
        home.mkdir(mode=0o700, exist_ok=True)
        return home, os.getuid()
    try:
        uid = home.lstat().st_uid
    except FileNotFoundError:
        home.mkdir(mode=0o700)
        uid = secrets.choice(UIDS)  # two workshops on one machine do not meet in 200 million
        os.chown(home, uid, uid)
    if uid not in UIDS or not home.is_dir() or home.is_symlink():
        raise PermissionError(
            f"{home} belongs to user {uid}, who is no attendee. If it was copied, give it back:"
            f" chown -hR {UIDS[0]}:{UIDS[0]} {home}, with a number from {UIDS[0]} to {UIDS[-1]}"
            " that no other has."
        )
    return home, uid


def as_user(uid: int, isolated: bool) -> dict:
    """What Popen needs so that the child is this user, in no other group, and lets nobody else read
    its files.
    """
    ids = {"user": uid, "group": uid, "extra_groups": []} if isolated else {}
    return {**ids, "umask": 0o077}


def listener(port: int) -> int | None:
    """The user id of who listens at this port of 127.0.0.1, by Linux; None if nobody does."""
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines():
        if (fields := line.split())[1] == f"0100007F:{port:04X}" and fields[3] == "0A":
            return int(fields[7])
    return None


class AttendeeSpawner(SimpleLocalProcessSpawner):
    """Starts the attendee's server under their own user id, in their own folder."""

    folder = Unicode(help="the folder of all attendees' folders").tag(config=True)
    run_folder = Unicode(
        help="a folder with a short name: a socket's path has at most 107 characters"
    ).tag(config=True)
    isolated = Bool(True, help="one user id per attendee").tag(config=True)
    _uid = None  # known from the first start on
    inside = set()  # the names whose servers run, for the teacher's terminal

    async def start(self):
        home, uid = home_of(Path(self.folder), self.user.name, self.isolated)
        self.home_dir, self._uid = str(home), uid
        self._runtime = Path(self.run_folder) / self.user.name
        self._runtime.mkdir(mode=0o700, exist_ok=True)
        if self.isolated:
            os.chown(self._runtime, uid, uid)
        await self._copy_the_course()
        for _ in range(3):
            with self._log() as log:
                self.popen_kwargs = {
                    **as_user(uid, self.isolated),
                    "cwd": home,
                    "stdout": log,
                    "stderr": log,
                }
                self.port = next(port for port in PORTS if is_free(port))
                address = await super().start()
            if await self._listens():
                self.inside.add(self.user.name)
                print(f"{self.user.name} is in: {len(self.inside)} now", flush=True)
                return address
            await self.stop(now=True)
        raise RuntimeError(f"The server does not start: see .hub/logs/{self.user.name}.")

    async def _listens(self) -> bool:
        """True once the attendee's own server answers at its port, False if it ended, or somebody
        else is there.
        """
        while sys.platform.startswith("linux") and (owner := listener(self.port)) != self._uid:
            if owner is not None or await self.poll() is not None:
                return False
            await asyncio.sleep(0.2)
        return True

    def _log(self):
        return open(Path(self.folder, ".hub", "logs", self.user.name), "ab")

    async def stop(self, now=False):
        await super().stop(now)
        self.inside.discard(self.user.name)
        # what the attendee left running; the user id is nobody else's
        if self.isolated and self._uid:
            await self._run("/bin/sh", "-c", "kill -KILL -1")

    def load_state(self, state):
        """Nothing: no server outlives serve.py, and a process number kept from last time may be
        anybody's now.
        """

    async def _copy_the_course(self):
        script = Path(__file__).with_name("copy_course.py")
        if await self._run(sys.executable, "-I", str(script), cwd=self.home_dir):
            raise RuntimeError(
                f"The course could not be copied to {self.home_dir}: see"
                f" .hub/logs/{self.user.name}."
            )

    async def _run(self, *command, **options):
        with self._log() as log:
            options |= {**as_user(self._uid, self.isolated), "stdout": log, "stderr": log}
            child = await asyncio.create_subprocess_exec(*command, **options)
            return await child.wait()

    def make_preexec_fn(self, name):
        def limit():
            for limited, most in LIMITS.items():
                # without user ids of their own all share one count
                if self.isolated or limited != "RLIMIT_NPROC":
                    hard = resource.getrlimit(getattr(resource, limited))[1]
                    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
                    resource.setrlimit(getattr(resource, limited), (least, least))

        return limit

    def user_env(self, env):
        """The variables of start.py's environment(), pointed at this attendee's folder, and none of
        the teacher's.
        """
        shared, own = str(start.ROOT / ".jupyter"), str(Path(self.home_dir, ".jupyter"))
        theirs = {
            key: own + v[len(shared) :]
            for key, v in start.environment().items()
            if v.startswith(shared)
        }
        theirs |= {
            "HOME": self.home_dir,
            "USER": self.user.name,
            "LOGNAME": self.user.name,
            "SHELL": "/bin/bash",
        }
        theirs |= {"JUPYTER_RUNTIME_DIR": str(self._runtime / "run"), "TMPDIR": str(self._runtime)}
        theirs |= {
            "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
            "VIRTUAL_ENV": sys.prefix,
        }
        return env | theirs | {"PYTHONNOUSERSITE": "1"}
