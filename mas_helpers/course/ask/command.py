"""`python -m mas_helpers ask`: the research system in the terminal, with its tree of agents and a
budget.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from anthropic import AnthropicError, APIError

from ...agents.agent import ReplyError
from ...agents.budget import Budget
from ...agents.coordinator import Brief, NoFactsFound, WriterFailed
from ...agents.planner import InvalidPlan
from ...agents.research_team import Team, build_team, research
from ...agents.sources import corpus_folder
from ...bench import recordings
from ...bench.client import connect, recordings_folder
from ...bench.modes import MODES, current_mode
from ...bench.recordings import Recording
from ...bench.secrets import redact
from ...bench.time.run import run
from ...bench.tracing.spans import Trace, trace
from ...bench.transports.record import abandon_all, finish_all
from ..notebooks import NotebookError, strict_replay_environment
from ..record_notebook import find_api
from .page import page, whole_run
from .tree import shown, sum_of

LESSON = "ask"
ABOUT = """Ask the research system: a planner, researchers with tools, a writer, a fact-checker.

  %(prog)s
      the questions that are recorded
  %(prog)s "Why did …?"
      one of them, offline, as slowly as it was recorded
  %(prog)s "Why did …?" --fast --json
      at once; the whole run in JSON
  %(prog)s "…" --mode live --budget 0.20
      any question; ANTHROPIC_API_KEY must be set
  %(prog)s "…" --mode record --base-url http://127.0.0.1:8000
      the same from a server on this machine, and keep the replies

The answer goes to stdout; the tree of agents and what was paid go to stderr.
"""
EXIT_CODES = """exit codes:
  0    answered; what is missing or unchecked stands below the answer
  1    no answer, and why
  2    it could not begin: not recorded, no key, no documents
  3    the budget was reached
  130  stopped with Ctrl-C
"""
FAILURES = (
    ReplyError,
    APIError,
    InvalidPlan,
    NoFactsFound,
    WriterFailed,
)  # how the system itself may end, short of an answer
CODES = {"answered": 0, "failed": 1, "over budget": 3, "stopped": 130}


def add_parser(commands: Any) -> None:
    """Adds `ask` to the commands of `python -m mas_helpers`."""
    layout = {"formatter_class": argparse.RawDescriptionHelpFormatter, "epilog": EXIT_CODES}
    parser = commands.add_parser(
        LESSON, help="ask the research system a question", description=ABOUT, **layout
    )
    parser.add_argument(
        "question",
        nargs="*",
        help="in quotes, or its number; without one, the recorded ones are listed",
    )
    parser.add_argument(
        "--json", action="store_true", help="the whole run in JSON on stdout, and no tree"
    )
    parser.add_argument(
        "--budget",
        type=dollars,
        metavar="USD",
        help="begin no call once so much is paid, as in 0.05",
    )
    parser.add_argument(
        "--fast",
        action="store_true",
        help="offline: do not wait as long as the recorded calls took",
    )
    parser.add_argument(
        "--documents",
        type=Path,
        metavar="FOLDER",
        help="documents of your own: a folder of name.md",
    )
    parser.add_argument("--mode", choices=MODES, help="default: MAS_MODE, else replay")
    parser.add_argument(
        "--base-url", metavar="URL", help="the address of the API, if it is not the usual one"
    )
    parser.set_defaults(command=ask_command)


def dollars(text: str) -> float:
    """An amount, 0 or more, as in 0.05."""
    try:
        amount = float(text.removeprefix("$"))
    except ValueError:
        amount = -1.0
    if not 0 <= amount < float("inf"):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no amount of dollars; write it like this: 0.05"
        )
    return amount


def ask_command(options: argparse.Namespace) -> int:
    """`ask`: the exit code.

    The run is shown while it goes on, and its cost is said however it ends.
    """
    mode = current_mode(options.mode)
    if not options.question:
        numbered = (
            f"  {number}  {question}"
            for number, question in enumerate(questions_in(_recording()), 1)
        )
        print("\n".join(["Recorded questions:", *numbered]))
        return 0
    question, said = _prepare(options, mode)
    slow = mode != "replay" or (sys.stderr.isatty() and not options.fast and not options.json)
    with trace() as spent:
        budgets = [] if options.budget is None else [Budget(options.budget, spent)]
        people = build_team(
            connect(LESSON, mode=mode, strict=True, middleware=budgets),
            corpus_folder(options.documents),
        )
        print(said, file=sys.stderr)
        with contextlib.nullcontext() if options.json else shown(spent, question):
            status, brief, reason = _outcome(question, people, "real" if slow else "virtual")
    if reached := [said for budget in budgets for said in budget.reached]:
        status, reason = "over budget", reached[0]
    if options.json:
        made = {"question": question, "mode": mode, "status": status, "reason": redact(reason)}
        # a pipe on Windows lacks some letters; \u2026 it has
        plain = "utf" not in str(sys.stdout.encoding).lower()
        print(json.dumps(made | whole_run(brief, spent), ensure_ascii=plain, indent=2))
    elif brief and brief.drafts:
        print(file=sys.stderr)
        print(page(brief))
    _end(mode, status, redact(reason), spent)
    return CODES[status]


def _end(mode: str, status: str, reason: str, spent: Trace) -> None:
    """Says what stopped the run, what it cost, and what became of the recording."""
    if reason:
        cost = "Paid" if mode != "replay" else "Offline nothing is paid; live it would have been"
        print(f"{reason}\n{cost}: {sum_of(spent)}", file=sys.stderr)
    if mode == "record" and status == "answered":
        print(f"Recorded: {', '.join(map(str, finish_all()))}", file=sys.stderr)
    elif mode == "record":
        kept = ", ".join(map(str, abandon_all())) or "nowhere, for none came"
        print(
            f"The recording is as it was. The replies that came in are in {kept}.", file=sys.stderr
        )


def _prepare(options: argparse.Namespace, mode: str) -> tuple[str, str]:
    """The question, and where its answer will come from.

    Raises NotebookError, MissingKey, RecordingError.
    """
    asked = " ".join(" ".join(options.question).split())
    if not list(corpus_folder(options.documents).glob("*.md")):
        place = options.documents or "./corpus or ./notebooks/corpus"
        raise NotebookError(
            f"There are no documents (name.md) in {place}. Name their folder: --documents FOLDER"
        )
    if mode != "replay":
        address, changes = find_api(options.base_url)
        os.environ.update({name: value for name, value in changes.items() if value is not None})
        return asked, f"Asking {address}."
    recording = _recording()
    known = {_bare(question): question for question in questions_in(recording)}
    known |= {str(number): question for number, question in enumerate(known.values(), 1)}
    if _bare(asked) not in known:
        listed = "\n".join(f"  {question}" for question in dict.fromkeys(known.values()))
        live = 'With a key, anything can be asked: python -m mas_helpers ask "…" --mode live'
        raise NotebookError(f"This question is not recorded. These are:\n{listed}\n{live}")
    is_stand_in = recording.source == "stand-in"
    whose = (
        "the stand-in model, so by the authors of the course" if is_stand_in else recording.source
    )
    return known[_bare(asked)], f"Offline. The replies are recorded, from {whose}."


def _recording() -> recordings.Recording:
    folder = recordings_folder()
    if not folder.is_dir():
        raise NotebookError(
            f"There is no folder {folder} here. Run this in the course's own folder."
        )
    return recordings.load(folder / f"{LESSON}.yaml")


def _bare(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.casefold()))


def _outcome(question: str, people: Team, clock: str) -> tuple[str, Brief | None, str]:
    """How it ended, what there is of a brief, and why there is no more. Raises NotebookError."""
    try:
        return "answered", run(research(question, people), clock=clock), ""
    except KeyboardInterrupt:
        return "stopped", None, "Stopped. Calls that were given up may be billed all the same."
    except (*FAILURES, AnthropicError, BaseExceptionGroup) as error:
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, recordings.MissingRecording):
            mend = "Offline: leave --documents out, or name that folder. With a key: --mode live"
            raise NotebookError(
                f"These documents are not those that it was recorded with. {mend}"
            ) from error
        if not isinstance(error, FAILURES):
            raise
        brief = (
            Brief(question, error.research, getattr(error, "drafts", []))
            if hasattr(error, "research")
            else None
        )
        return "failed", brief, f"No answer: {error}"


def still_plays(recording: Path, used: Path) -> Iterator[str]:
    """What keeps a recorded question from being answered again, for `python -m mas_helpers check`."""
    folder = recording.resolve().parent
    known = strict_replay_environment(used) | {"MAS_RECORDINGS": str(folder)}
    for question in questions_in(recordings.load(recording)):
        command = [sys.executable, "-m", "mas_helpers", LESSON, question, "--json"]
        done = subprocess.run(
            command, cwd=folder.parent, env=known, capture_output=True, text=True, encoding="utf-8"
        )
        if done.returncode:
            said = " ".join(done.stderr.split())
            yield f"{recording}: {question!r} plays no more: {said} Record it anew: ask … --mode record"


def questions_in(recording: Recording) -> list[str]:
    """The questions that a recording answers: what its planner was asked, without the second tries."""
    asked = [
        e.request["body"]["messages"][0]["content"]
        for e in recording.exchanges
        if e.agent == "planner"
    ]
    return list(
        dict.fromkeys(text for text in asked if "\n\nYour last plan was sent back" not in text)
    )
