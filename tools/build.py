"""Rebuild the course: record its lessons with the stand-in model, run them in replay, store their
outputs and answers.

  python tools/build.py                       everything
  python tools/build.py 03 07_tools           these lessons
  python tools/build.py --outputs-only 03     only the outputs, from the recording that is there
  python tools/build.py ask                   the recording of `python -m mas_helpers ask`

A lesson without a file in tools/replies keeps its recording, and so does one whose recording is
from a real API: delete the recording to have it made with the stand-in again. Needs the extras
`course` and `test`.
"""

import argparse
import base64
import hashlib
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from urllib.parse import unquote

import yaml
from answers import fold_in
from anthropic import AnthropicError

from mas_helpers.__main__ import find, show_progress
from mas_helpers.bench import recordings
from mas_helpers.course.notebooks import NotebookError, at, code_cells, replaying, run_cells
from mas_helpers.course.record_notebook import record, summary, way_on_this_machine

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
REPLIES = ROOT / "tools" / "replies"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
WIDGET = "application/vnd.jupyter.widget-view+json"


def main(arguments=None):
    """The exit code: 0, 1 with a sentence that says what failed, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="01, 01_agent or a path (default: all)"
    )
    parser.add_argument("--outputs-only", action="store_true", help="do not record anything")
    options = parser.parse_args(arguments)
    try:
        build(options.lessons, outputs_only=options.outputs_only)
        return 0
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except (NotebookError, AnthropicError, ValueError, yaml.YAMLError) as error:
        print(error, file=sys.stderr)
        return 130 if getattr(error, "interrupted", False) else 1


def build(lessons, *, outputs_only):
    named = [lesson for lesson in lessons if lesson != "ask"]
    paths = (
        find(named, NOTEBOOKS)
        if named
        else []
        if lessons
        else sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    )
    if not outputs_only and ("ask" in lessons or not lessons):
        record_the_questions(NOTEBOOKS / "recordings" / "ask.yaml")
    # all of them first: 00_start_here shows what they cost together
    for path in [] if outputs_only else paths:
        record_with_stand_in(path)
    for path in paths:
        old, new = path.read_bytes(), render(execute(path)).encode()
        if new != old:
            part = path.with_name(path.name + ".part")
            part.write_bytes(new)
            os.replace(part, path)
        print(f"{path.name}: outputs {'unchanged' if new == old else 'rewritten'}", flush=True)


def record_the_questions(recorded):
    """Asks each question of tools/replies/ask.yaml, last one first, for the latest stands first in
    a recording.
    """
    from mas_stand_in import load, serving

    if not may_be_recorded(REPLIES / "ask.yaml", recorded):
        return
    planners = [
        entry["when"] for entry in load(REPLIES / "ask.yaml") if entry.get("agent") == "planner"
    ]
    questions = list(dict.fromkeys(when.get("first") or when["user"] for when in planners))
    with (
        serving([REPLIES / "ask.yaml"]) as base_url,
        tempfile.TemporaryDirectory(dir=recorded.parent) as part,
    ):
        for question in reversed(questions):
            command = [
                sys.executable,
                "-m",
                "mas_helpers",
                "ask",
                question,
                "--mode",
                "record",
                "--base-url",
                base_url,
            ]
            own = {
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("ANTHROPIC_", "MAS_"))
            }
            # empty at first, so nothing stays that nobody asks
            own |= {"MAS_RECORDINGS": part, "PYTHONUTF8": "1"}
            done = subprocess.run(
                command, cwd=ROOT, env=own, capture_output=True, text=True, encoding="utf-8"
            )
            if done.returncode:
                raise NotebookError(f"ask {question!r} failed: {done.stderr}")
        os.replace(Path(part) / recorded.name, recorded)
    print(summary(recorded), flush=True)


def may_be_recorded(replies, recorded):
    """False where there are no replies, or a recording from a real API; it says so."""
    if not replies.exists():
        return print(f"{recorded.stem}: no tools/replies/{replies.name}, so nothing is recorded")
    old = recordings.load(recorded) if recorded.exists() else None
    if old and old.exchanges and old.source != "stand-in":
        return print(
            f"{recorded.stem}: its recording is from {old.source} and stays; delete it to use the stand-in"
        )
    return True


def record_with_stand_in(path):
    from mas_stand_in import serving

    replies, recorded = (
        REPLIES / path.with_suffix(".yaml").name,
        path.parent / "recordings" / f"{path.stem}.yaml",
    )
    if not may_be_recorded(replies, recorded):
        return
    with serving([replies]) as base_url:
        own = [name for name in os.environ if name.startswith("ANTHROPIC_")]
        changes = dict.fromkeys(own) | way_on_this_machine(base_url)
        # a cell of a lesson waits a minute for the stand-in at most; one that runs on forgot that
        # this clock is real
        for written in record(path, changes, show_progress(path.stem), seconds_per_cell=300):
            print(summary(written), flush=True)


def execute(path):
    """The notebook with the outputs that strict replay gives, the same on every machine and at
    every run.
    """
    path = Path(path)
    notebook = with_answers(
        path, run_cells(path, replaying(), progress=show_progress(path.stem), seconds_per_cell=120)
    )
    for name in ("widgets", "signature"):
        notebook.metadata.pop(name, None)
    notebook.metadata.update(kernelspec=KERNEL, language_info={"name": "python"})
    notebook.update(nbformat=4, nbformat_minor=5)
    set_ids(notebook.cells)
    for cell in notebook.cells:
        for name in ("execution", "trusted", "ExecuteTime"):
            cell.metadata.pop(name, None)
        if cell.cell_type == "code" and not cell.source.strip():
            cell.update(outputs=[], execution_count=None)
    for cell in code_cells(notebook):
        cell.node.execution_count = cell.number
        cell.node.outputs = [
            kept for output in cell.node.outputs if (kept := cleaned(output, cell.number))
        ]
        if found := next(
            (found for output in cell.node.outputs for found in differs_elsewhere(output)), None
        ):
            raise NotebookError(
                f"{at(path, cell)} shows {found!r}, which differs on other machines or at the next run"
            )
    return notebook


def with_answers(path, notebook):
    import nbformat

    if (path.parent / "exercises" / path.stem).is_dir():
        fold_in(path, notebook)
    return nbformat.from_dict(notebook)


def render(notebook):
    """The text of the file: what Jupyter would write, key by key in one order."""
    import nbformat

    nbformat.validate(notebook)
    return nbformat.v4.writes(notebook) + "\n"


def set_ids(cells):
    """Gives an id to each cell that has none of its own, from its place and its source."""
    taken = set()
    for position, cell in enumerate(cells):
        wanted = cell.get("id", "")
        while not wanted or wanted in taken:
            wanted = hashlib.sha256(f"{position} {wanted} {cell.source}".encode()).hexdigest()[:8]
        taken.add(wanted)
        cell["id"] = wanted


def cleaned(output, number):
    """The output without what changes from run to run; None if nothing else was in it."""
    if output.output_type == "error":
        # Not the traceback: it holds paths, nbval does not compare it. Not []: a static page would
        # show nothing.
        output.traceback = [f"{output.ename}: {output.evalue}"]
    if "data" in output:
        output.data.pop(WIDGET, None)
        if not output.data:
            return None
    if output.output_type == "execute_result":
        output.execution_count = number
    return output


def differs_elsewhere(output):
    """Paths of this machine and addresses in memory, also in pictures that are written as data
    URIs.
    """
    paths = {
        ROOT,
        Path.home(),
        Path.cwd(),
        Path(sys.prefix),
        Path(sysconfig.get_path("stdlib")),
    } - {Path("/")}
    folders = {
        form
        for path in paths
        for form in (str(path), path.as_posix(), str(path).replace("\\", "\\\\"))
    }
    pattern = "|".join(
        re.escape(folder) + r"(?![\w-])" for folder in sorted(folders, key=len, reverse=True)
    )
    temporary = re.escape(tempfile.gettempdir()) + r"[/\\]+[\w.-]+"
    for text in texts(output):
        pictures = [
            base64.b64decode(code).decode(errors="replace")
            for code in re.findall(r";base64,([\w+/=]+)", text)
        ]
        for seen in [text, unquote(text), *pictures]:
            yield from re.findall(rf"{pattern}|{temporary}| at 0x[0-9a-fA-F]{{6,}}", seen)


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


if __name__ == "__main__":
    sys.exit(main())
