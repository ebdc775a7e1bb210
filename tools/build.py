"""Rebuild the course: take the lessons' definitions from the package, record the lessons with the
stand-in model, run them in replay, store their outputs and answers, write their handouts.

  python tools/build.py                       everything
  python tools/build.py 03 08_tools           these lessons
  python tools/build.py --outputs-only 03     all but the recording, from the one that is there
  python tools/build.py ask                   the recording of `python -m mas_helpers ask`

A lesson without a file in tools/replies keeps its recording, and so does one whose recording is
from a real API: delete the recording to have it made with the stand-in again. Needs the extras
`course` and `test`.
"""

import argparse
import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import handouts
import head_pictures
import pages
import yaml
from answers import fold_in
from anthropic import AnthropicError
from exports import fill_exports

from mas_helpers.__main__ import find, show_progress
from mas_helpers.bench import recordings
from mas_helpers.course.notebooks import NotebookError
from mas_helpers.course.record_notebook import (
    put_in_place,
    reach_this_machine,
    record,
    summarize,
)
from mas_helpers.course.stored_outputs import store_outputs

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
REPLIES = ROOT / "tools" / "replies"


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
    paths = find_lessons(lessons)
    for path in paths:
        if changed := fill_exports(path):
            print(f"{path.name}: from the package: {', '.join(changed)}", flush=True)
    if not outputs_only and ("ask" in lessons or not lessons):
        record_the_questions(NOTEBOOKS / "recordings" / "ask.yaml")
    # all of them first: 00_start_here shows what they cost together
    for path in [] if outputs_only else paths:
        record_with_stand_in(path)
    for path in paths:
        has_exercises = (path.parent / "exercises" / path.stem).is_dir()
        revise = functools.partial(fold_in, path) if has_exercises else None
        changed = store_outputs(path, show_progress(path.stem), revise)
        print(f"{path.name}: outputs {'rewritten' if changed else 'unchanged'}", flush=True)
        for page in handouts.write(path) if has_exercises else []:
            print(f"written: {page.relative_to(handouts.ROOT)}", flush=True)
    pages.main([])
    for picture, (lesson, _) in head_pictures.PICTURES.items():
        if lesson in [path.stem for path in paths] and head_pictures.write(picture):
            print(f"written: notebooks/images/{picture}.svg", flush=True)


def find_lessons(lessons):
    if not lessons:
        return sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    named = [lesson for lesson in lessons if lesson != "ask"]
    return find(named, NOTEBOOKS) if named else []


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
            command = [sys.executable, "-m", "mas_helpers", "ask", question]
            command += ["--mode", "record", "--base-url", base_url]
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
        put_in_place(Path(part) / recorded.name, recorded)
    print(summarize(recorded), flush=True)


def may_be_recorded(replies, recorded):
    """False where there are no replies, or a recording from a real API; it says so."""
    if not replies.exists():
        print(f"{recorded.stem}: no tools/replies/{replies.name}, so nothing is recorded")
        return False
    old = recordings.load(recorded) if recorded.exists() else None
    if old and old.exchanges and old.source != "stand-in":
        print(
            f"{recorded.stem}: its recording is from {old.source} and stays; "
            "delete it to use the stand-in"
        )
        return False
    return True


def record_with_stand_in(path):
    from mas_stand_in import serving

    replies = REPLIES / f"{path.stem}.yaml"
    recorded = path.parent / "recordings" / f"{path.stem}.yaml"
    if not may_be_recorded(replies, recorded):
        return
    with serving([replies]) as base_url:
        own = [name for name in os.environ if name.startswith(("ANTHROPIC_", "OPENAI_"))]
        changes = dict.fromkeys(own) | reach_this_machine(base_url)
        # a cell of a lesson waits a minute for the stand-in at most; one that runs on forgot that
        # this clock is real
        for written in record(path, changes, show_progress(path.stem), seconds_per_cell=300):
            print(summarize(written), flush=True)


if __name__ == "__main__":
    sys.exit(main())
