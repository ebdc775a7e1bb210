"""The teacher's page: a dot for each exercise that somebody passed, as the attendees' folders say.

It is served on this machine alone, and its address has a secret part, for attendees' kernels run
here too. Names and times of files are all that is read of an attendee's folder.
"""

import os
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1])]
from mas_helpers.course.progress import exercises_of  # noqa: E402

LESSONS = HERE.parents[1] / "notebooks" / "exercises"
SECONDS = 5  # after which the page looks again
STYLE = """
body { font: 16px/1.4 system-ui, sans-serif; margin: 1.5rem; color-scheme: light dark; }
table { border-collapse: collapse; }
th, td { padding: 0.3rem 0.6rem; text-align: left; white-space: nowrap; }
tr { border-bottom: 1px solid #8886; }
td.all { color: #009e73; }
"""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the page for these attendees' folders, until the end of the block."""
    secret = secrets.token_urlsafe(9)

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_right = secrets.compare_digest(self.path.strip("/").encode(), secret.encode())
            body = build_page(folder, time.time()).encode() if is_right else b"Not found."
            self.send_response(200 if is_right else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: object) -> None:
            """Nothing: the terminal is for who comes in."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{secret}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def build_page(folder: Path, now: float) -> str:
    """The page as HTML: a row for each attendee, a column for each lesson, and how long ago
    somebody last passed an exercise.
    """
    lessons = {
        checks.parent.name: exercises_of(checks)
        for checks in sorted(LESSONS.glob("[0-9][0-9]_*/checks.py"))
    }
    people = sorted(
        home for home in folder.iterdir() if not home.name.startswith(".") and home.is_dir()
    )
    passed = {home.name: _passed(home) for home in people}
    head = "".join(f'<th title="{lesson}">{lesson[:2]}</th>' for lesson in lessons)
    rows = [_row(name, times, lessons, now) for name, times in passed.items()]
    done = [
        f"<td>{sum(_is_done(lesson, names, times) for times in passed.values())}</td>"
        for lesson, names in lessons.items()
    ]
    foot = f"<tr><th>finished by</th><td></td>{''.join(done)}</tr>"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>The room</title>'
        f'<meta http-equiv="refresh" content="{SECONDS}"><style>{STYLE}</style>'
        f"<h1>The room: {len(people)} {'name' if len(people) == 1 else 'names'}</h1>"
        f"<table><tr><th>name</th><th>last pass</th>{head}</tr>{''.join(rows)}{foot}</table>"
        "<p>● passed ○ not yet. The page looks again every "
        f"{SECONDS} seconds.</p></html>"
    )


def _passed(home: Path) -> dict[str, float]:
    """The time of each pass, by its name: `{"03_parallel.first_answer": 1764273600.0}`."""
    times = {}
    try:
        with os.scandir(home / "notebooks" / "progress") as files:
            for file in files:
                times[file.name] = file.stat(follow_symlinks=False).st_mtime
    except OSError:  # nothing passed yet, or the attendee moved it away
        return {}
    return times


def _row(name: str, times: dict[str, float], lessons: dict[str, list[str]], now: float) -> str:
    cells, known = [], []
    for lesson, exercises in lessons.items():
        here = [times.get(f"{lesson}.{one}") for one in exercises]
        known += [one for one in here if one is not None]
        look = ' class="all"' if _is_done(lesson, exercises, times) else ""
        cells.append(f"<td{look}>{''.join('○' if one is None else '●' for one in here)}</td>")
    ago = f"{max(0, int(now - max(known)) // 60)} min ago" if known else ""
    return f"<tr><th>{escape(name)}</th><td>{ago}</td>{''.join(cells)}</tr>"


def _is_done(lesson: str, exercises: list[str], times: dict[str, float]) -> bool:
    return all(f"{lesson}.{one}" in times for one in exercises)
