"""What a viewer of traces costs beside the course: megabytes to install, and of memory once it
listens. Phoenix (arize-phoenix), in a venv of its own.

  python benchmarks/viewer.py            prints it; --write puts it into README.md beside it
"""

import json
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from report import Report, machine_line, make_venv, options_for

PACKAGE = "arize-phoenix"
PATIENCE = 300  # seconds until it has to listen


def main():
    options, report = options_for(__doc__).parse_args(), Report("viewer")
    print(machine_line(report.about))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        python = make_venv(Path(folder) / "venv", PACKAGE)
        listed = subprocess.run(
            [python, "-m", "pip", "list", "--format", "json"], check=True, capture_output=True
        )
        versions = {one["name"]: one["version"] for one in json.loads(listed.stdout)}
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        report.print(
            f"{PACKAGE} {versions[PACKAGE]}: {len(versions)} packages, {size / 1e6:.0f} MB"
        )
        seconds, memory = start(python, Path(folder))
        report.print(f"it listens after {seconds:.0f} s, with {memory / 1e6:.0f} MB of memory")
    if options.write:
        report.save()


def start(python, folder):
    """Seconds until it listens, and the bytes of memory that it then has (on Linux)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    where = {"PHOENIX_HOST": "127.0.0.1", "PHOENIX_PORT": str(port), "PHOENIX_GRPC_PORT": "0"}
    where |= {"PHOENIX_WORKING_DIR": str(folder), "PHOENIX_TELEMETRY_ENABLED": "false"}
    began = time.monotonic()
    process = subprocess.Popen(
        [python, "-m", "phoenix.server.main", "serve"],
        env=os.environ | where,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not listens(port):
            if process.poll() is not None or time.monotonic() - began > PATIENCE:
                raise SystemExit(f"{PACKAGE} doesn't listen; it ended with {process.returncode}")
            time.sleep(0.2)
        pages = int(Path(f"/proc/{process.pid}/statm").read_text(encoding="utf-8").split()[1])
        return time.monotonic() - began, pages * os.sysconf("SC_PAGE_SIZE")
    finally:
        process.kill()
        process.wait()


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    main()
