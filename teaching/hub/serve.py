"""Serve the course to a room from this machine: every attendee opens an address in a browser and
has a JupyterLab.

  sudo .venv/bin/python teaching/hub/serve.py --address 0.0.0.0

README.md beside this file says what it needs, what it protects, and what not.
"""

import argparse
import contextlib
import getpass
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

# as root it would leave files in the course that its owner cannot remove
sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]
import dots  # noqa: E402
import machine  # noqa: E402
from private import needed, open_to_attendees  # noqa: E402

import start  # noqa: E402


def main(arguments: list[str]) -> int:
    """The exit code: 0 after Ctrl-C. What fails exits with a sentence."""
    options = parse(arguments)
    isolated = not options.one_user
    machine.check(isolated)
    machine.install_what_is_missing()
    folder = machine.prepare(options.folder.resolve())
    run_folder = Path(tempfile.mkdtemp(prefix="workshop-", dir="/tmp"))
    run_folder.chmod(0o711)
    try:
        with machine.alone(folder):
            places = needed(start.ROOT, folder)
            print("Looking whether attendees can use the course here …", flush=True)
            hidden = isolated and open_to_attendees(places)
            machine.try_as_attendee(places, run_folder, isolated)
            password = ask_password() if options.own_password else new_password()
            if not machine.is_free(options.port, options.address):
                sys.exit(
                    f"{options.address}:{options.port} is taken, or not this machine's. Choose:"
                    " --port, --address"
                )
            most = options.attendees or machine.capacity()[0]
            workshop = {
                "folder": str(folder),
                "run_folder": str(run_folder),
                "isolated": isolated,
                "attendees": most,
            }
            workshop |= {"address": options.address, "port": options.port}
            say_where(workshop, password, hidden)
            with dots.served(folder) as page:
                print(f"Who has passed what, for you alone, in a browser on this machine: {page}")
                return serve(workshop, password)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(run_folder, ignore_errors=True)


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add, folder = parser.add_argument, start.ROOT / "workshop"
    add(
        "--address",
        default="127.0.0.1",
        metavar="A",
        help="0.0.0.0 for the room (default: only this machine)",
    )
    add("--port", type=int, default=8000, metavar="N", help="default: 8000")
    add(
        "--folder",
        type=Path,
        default=folder,
        metavar="F",
        help="the attendees' folders (default: workshop, here)",
    )
    add(
        "--attendees",
        type=int,
        metavar="N",
        help="how many at once (default: what the memory holds)",
    )
    add(
        "--own-password", action="store_true", help="ask for the room's password, do not choose one"
    )
    add(
        "--one-user",
        action="store_true",
        help="without root, and without protection from one another",
    )
    return parser.parse_args(arguments)


def new_password() -> str:
    # no i, l, o, 0, 1: it is read aloud
    letters = [secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def ask_password() -> str:
    while len(password := getpass.getpass("The room's password (8 or more characters): ")) < 8:
        print("That is too short.")
    return password


def say_where(workshop, password, hidden):
    address, port, folder = workshop["address"], workshop["port"], workshop["folder"]
    fits, free, each, measured_on = machine.capacity()
    print("On the board:")
    for one in machine.addresses() if address == "0.0.0.0" else [address]:
        print(f"    http://{one}:{port}")
    print(f"    password: {password}\n")
    print(
        f"Attendees: at most {workshop['attendees']} at once. The free memory holds {fits}: {free}"
        " MiB, of which"
    )
    print(
        f"    {machine.RESERVE_MIB} are kept for the machine, at {each} MiB for a server with"
        f" {machine.LESSONS} lessons"
    )
    print(f"    open, as measured on {measured_on}.")
    print(
        f"Their folders: {folder}. All stays there when this stops, and names and PINs hold the"
        " next time."
    )
    if address.startswith("127."):
        print("Only this machine can open it. For the room: --address 0.0.0.0")
    else:
        print(
            "This is http without TLS: who listens on this network can read passwords and notebooks"
            " (see README.md)."
        )
    if not workshop["isolated"]:
        print(
            "One user for all (--one-user): attendees can read each other's files and stop each"
            " other's kernels."
        )
    elif not hidden:
        print(
            "This machine does not let the names of attendees' processes be hidden from one"
            " another."
        )


def serve(workshop, password) -> int:
    """Runs JupyterHub until Ctrl-C, then stops everybody's servers."""
    from login import hashed

    free = filter(machine.is_free, range(30000, 32768))
    hub_port, proxy_port = next(free), next(free)
    workshop |= {"password": hashed(password), "hub_port": hub_port, "proxy_port": proxy_port}
    folder = Path(workshop["folder"], ".hub")
    stop_what_is_left(workshop)  # by a start that was killed, or by a power cut
    command = [sys.executable, "-m", "jupyterhub", "-f", HERE / "jupyterhub_config.py"]
    variables = dict(os.environ, WORKSHOP=json.dumps(workshop), PYTHONDONTWRITEBYTECODE="1")
    with open(folder / "hub.log", "ab") as log:
        hub = subprocess.Popen(
            command, cwd=folder, env=variables, stderr=log, start_new_session=True
        )
    try:
        print("\nStarting …", flush=True)
        while hub.poll() is None and not answers(hub_port):
            time.sleep(0.2)
        if hub.poll() is None:
            print("Ready. Stop it here with Ctrl-C.", flush=True)
        hub.wait()
        print(
            f"JupyterHub ended by itself. The last lines of {folder / 'hub.log'} say why.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("\nStopping everybody's servers …", flush=True)
        hub.terminate()
        hub.wait()
        print(f"Stopped. All files are in {workshop['folder']}.")
        return 0
    finally:
        hub.kill()  # for who presses Ctrl-C twice
        stop_what_is_left(workshop)


def answers(port: int) -> bool:
    try:
        return (
            urllib.request.urlopen(f"http://127.0.0.1:{port}/hub/health", timeout=5).status == 200
        )
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def stop_what_is_left(workshop):
    """Stops what a hub that was stopped at its start, or that died, has left running: its proxy,
    attendees' servers.
    """
    from attendees import UIDS, as_user

    if (file := Path(workshop["run_folder"], "proxy.pid")).exists():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(file.read_text(encoding="ascii")), signal.SIGTERM)
    uids = (
        [home.lstat().st_uid for home in Path(workshop["folder"]).iterdir()]
        if workshop["isolated"]
        else []
    )
    for uid in filter(UIDS.__contains__, uids):
        subprocess.run(["/bin/sh", "-c", "kill -KILL -1"], **as_user(uid, True))


if __name__ == "__main__":
    # a shell lets what runs in its background ignore SIGINT
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
