"""Lets attendees read the course and its Python where they lie in somebody's private home; nothing
on disk changes.
"""

import ctypes
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

CLONE_NEWNS = 0x00020000  # linux/sched.h; os.unshare has it from Python 3.12


def needed(*given: Path) -> list[Path]:
    """These folders and those that an attendee's server reads, by every name by which it finds
    them.
    """
    places = [
        *given,
        Path(find_spec("mas_helpers").origin).parents[1],
        Path(sys.prefix),
        Path(sys.base_prefix),
    ]
    link = Path(sys.executable)
    while link.is_symlink():
        link = link.parent / os.readlink(link)
        places.append(link.parents[1])
    places = {Path(os.path.abspath(place)) for place in places}
    places |= {place.resolve() for place in places}
    return sorted(
        p for p in places if not any(p.is_relative_to(other) and p != other for other in places)
    )


def closed(places: list[Path]) -> list[Path]:
    """The outermost folders on the way to these places that other users may not pass."""
    above = {
        folder for place in places for folder in place.parents if not folder.stat().st_mode & 0o001
    }
    return sorted(
        f for f in above if not any(f.is_relative_to(other) and f != other for other in above)
    )


def open_to_attendees(places: list[Path]) -> bool:
    """True once this process and its children see these places past every closed door, and others'
    processes no more.

    It needs Linux, root and the right to mount, else it is False. Other processes never see a
    difference.
    """
    if not sys.platform.startswith("linux") or ctypes.CDLL(None).unshare(CLONE_NEWNS) != 0:
        return False
    try:
        mount("--make-rprivate", "/")
        mount("-t", "proc", "-o", "hidepid=2", "proc", "/proc")
        doors = closed(places)
        behind = [place for place in places if any(place.is_relative_to(door) for door in doors)]
        with tempfile.TemporaryDirectory(dir="/tmp") as kept:
            for number, place in enumerate(behind):
                (held := Path(kept, str(number))).mkdir()
                mount("--rbind", place, held)
            for door in doors:
                mount("-t", "tmpfs", "-o", "mode=755,size=1m", "tmpfs", door)
            for number, place in enumerate(behind):
                # whatever the umask
                subprocess.run(["install", "-d", "-m", "755", place], check=True)
                mount("--move", Path(kept, str(number)), place)
        return True
    except subprocess.CalledProcessError:
        return False


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True, capture_output=True)
