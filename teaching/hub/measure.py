"""Measure what attendees cost: N of them log in on loopback at once, and each runs a lesson to its
end.

sudo .venv/bin/python teaching/hub/measure.py             1, 5 and 10 attendees, about two minutes
sudo .venv/bin/python teaching/hub/measure.py 30          30 of them sudo .venv/bin/python
teaching/hub/measure.py --write     keep the figures: measured.json, and the table in README.md
"""

import argparse
import asyncio
import contextlib
import datetime
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]
from machine import is_free  # noqa: E402
from visit import Visitor, at_once  # noqa: E402

LESSON = "notebooks/03_parallel.ipynb"
MARKS = "<!-- measured -->\n", "<!-- end of measured -->\n"


@contextlib.contextmanager
def room(folder: Path, *options: str):
    """The address and the password of a workshop that serve.py serves on loopback, and a function
    that gives all that it has said; it is stopped at the end.
    """
    port = next(filter(is_free, range(18000, 20000)))
    command = [sys.executable, HERE / "serve.py", "--port", str(port), "--folder", folder, *options]
    with tempfile.NamedTemporaryFile() as log:

        def said() -> str:
            return Path(log.name).read_text(encoding="utf-8")

        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            while "\nReady" not in said():
                if server.poll() is not None:
                    raise RuntimeError(f"serve.py ended:\n{said()}")
                time.sleep(0.2)
            password = re.search(r"password: (\S+)", said()).group(1)
            yield f"http://127.0.0.1:{port}", password, said
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=90)


def used(variable: str, value: str | None = None) -> tuple[float, float]:
    """MiB and CPU seconds of the processes with this in their environment.

    A page that several processes share counts by its part for each (PSS); on macOS only unshared
    pages count (USS).
    """
    mib = seconds = 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            found = process.environ().get(variable)
            if found is not None and value in (None, found):
                info = process.memory_full_info()
                mib += getattr(info, "pss", info.uss) / 2**20
                seconds += sum(process.cpu_times()[:2])
    return mib, seconds


async def visit(address: str, password: str, attendees: int) -> dict:
    """A row of figures: seconds and MiB for so many attendees at once, each with one lesson run to
    its end.
    """
    visitors = [
        Visitor(address, f"attendee-{number}", password) for number in range(1, attendees + 1)
    ]
    if refused := [said for said in await at_once(visitors, Visitor.log_in) if said]:
        raise RuntimeError(refused[0])
    await at_once(visitors, Visitor.open)
    server = statistics.mean(used("JUPYTERHUB_USER", visitor.name)[0] for visitor in visitors)
    errors = await at_once(visitors, lambda visitor: visitor.run_notebook(LESSON))
    if any(errors):
        raise RuntimeError("\n".join(sum(errors, [])))
    both = [used("JUPYTERHUB_USER", visitor.name) for visitor in visitors]
    row = {
        "attendees": attendees,
        "server_mib": round(server),
        "hub_mib": round(used("WORKSHOP")[0]),
    }
    row["lesson_mib"] = round(statistics.mean(mib for mib, _ in both) - server)
    row["cpu_seconds"] = round(statistics.mean(seconds for _, seconds in both), 1)
    for what in ("ready", "notebook"):
        seconds = [visitor.seconds[what] for visitor in visitors]
        row |= {
            f"{what}_median": round(statistics.median(seconds), 1),
            f"{what}_slowest": round(max(seconds), 1),
        }
    await at_once(visitors, Visitor.close)
    return row


def measure(numbers: list[int], options: list[str]) -> dict:
    rows, busy = [], round(os.getloadavg()[0], 1)
    for attendees in numbers:
        print(f"{attendees} at once …", flush=True)
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            os.chmod(folder, 0o711)
            with room(Path(folder, "workshop"), "--attendees", str(attendees), *options) as (
                address,
                password,
                _,
            ):
                rows.append(asyncio.run(visit(address, password, attendees)))
        print(f"  {rows[-1]}", flush=True)
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    machine = (
        f"{os.cpu_count()} cores, {round(psutil.virtual_memory().total / 2**30)} GiB, {system}"
    )
    last = {key: rows[-1][key] for key in ("server_mib", "lesson_mib")}
    return {
        "date": str(datetime.date.today()),
        "machine": machine,
        "load": busy,
        "lesson": Path(LESSON).stem,
        **last,
        "rows": rows,
    }


def table(measured: dict) -> str:
    """The figures as README.md shows them."""
    lesson = measured["lesson"]
    lines = [
        (
            f"Measured on {measured['date']} ({measured['machine']}) on loopback, all attendees at"
            f" once; the load from other work was {measured['load']} before. Seconds: median"
            " (slowest)."
        ),
        "",
        (
            f"| attendees | from login to JupyterLab | `{lesson}`, run to its end | CPU seconds"
            " each | MiB each: server | and a kernel | MiB of the hub and its proxy |"
        ),
        "|---|---|---|---|---|---|---|",
    ]
    for row in measured["rows"]:
        ready, notebook = (
            f"{row[f'{what}_median']} ({row[f'{what}_slowest']})" for what in ("ready", "notebook")
        )
        rest = " | ".join(
            str(row[what]) for what in ("cpu_seconds", "server_mib", "lesson_mib", "hub_mib")
        )
        lines.append(f"| {row['attendees']} | {ready} | {notebook} | {rest} |")
    return "\n".join(lines) + "\n"


def write(measured: dict) -> None:
    (HERE / "measured.json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    before, rest = readme.split(MARKS[0])
    page = before + MARKS[0] + table(measured) + MARKS[1] + rest.split(MARKS[1])[1]
    (HERE / "README.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "attendees", nargs="*", type=int, default=[1, 5, 10], metavar="N", help="how many at once"
    )
    parser.add_argument(
        "--one-user", action="store_true", help="without root: all are one user of this machine"
    )
    parser.add_argument("--write", action="store_true", help="keep the figures")
    chosen = parser.parse_args()
    figures = measure(chosen.attendees, ["--one-user"] if chosen.one_user else [])
    print(table(figures))
    if chosen.write:
        write(figures)
