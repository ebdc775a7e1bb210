"""`python -m mas_helpers ask`: the research system in the terminal, with its tree of agents and a
budget.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import functools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from anthropic import AnthropicError, APIError

from ...agents.agent import ReplyError
from ...agents.approval import PlanRefused
from ...agents.budget import Budget
from ...agents.coordinator import Brief, NoFactsFound, WriterFailed
from ...agents.planner import InvalidPlan, Plan
from ...agents.research_team import Team, build_team, research
from ...agents.sources import corpus_folder
from ...bench import recordings
from ...bench.client import connect, recordings_folder
from ...bench.modes import MODES, Mode, current_mode
from ...bench.recordings import Recording
from ...bench.secrets import redact
from ...bench.time.run import run
from ...bench.tracing.spans import Trace, trace
from ...bench.transports.record import abandon_all, finish_all
from ..notebooks import NotebookError, strict_replay_environment
from ..record_notebook import find_api
from . import many
from .page import build_list, build_page, fill, run_as_dict
from .tree import show_tree, sum_text

Clock = Literal["real", "virtual"]
NAME = "ask"  # of the command, and of its recording
ABOUT = """Ask the research system: a planner, researchers with tools, a writer, a fact-checker.

  %(prog)s
      the questions that are recorded
  %(prog)s "Why did …?"
      one of them, offline, as slowly as it was recorded
  %(prog)s "Why did …?" --fast --json
      at once; the whole run in JSON
  %(prog)s --many questions.txt
      a file of them, a line each; every answer is kept, and the same command goes on after Ctrl-C
  %(prog)s "…" --mode live --budget 0.20
      any question; ANTHROPIC_API_KEY must be set
  %(prog)s "Why did …?" --approve
      shows the plan, and goes on only if you say yes
  %(prog)s "…" --mode record --base-url http://127.0.0.1:8000
      the same from a server on this machine, and keep the replies

The answer goes to stdout; the tree of agents and what was paid go to stderr.
"""
EXIT_CODES = """exit codes:
  0    answered; below the answer, what is missing or unchecked
  1    no answer, and why
  2    it could not begin: not recorded, no key, no documents
  3    the budget was reached
  130  stopped with Ctrl-C
"""
# how the system itself may end, short of an answer
FAILURES = (ReplyError, APIError, InvalidPlan, NoFactsFound, PlanRefused, WriterFailed)
CODES = {"answered": 0, "failed": 1, "over budget": 3, "stopped": 130}
SHORT_WORD = 3  # letters: "why", "did", "the" say nothing about a question
ALIKE = 0.65  # difflib's ratio: "ferries" is like "ferry"
ANOTHER_TRY = "\n\nYour last plan was sent back"  # in what a planner is asked again


@dataclass
class AskResult:
    """How a run ended: a key of CODES; as much of a brief as there is; and why there isn't more."""

    status: str
    brief: Brief | None = None
    reason: str = ""


def add_parser(commands: Any) -> None:
    """Adds `ask` to the commands of `python -m mas_helpers`."""
    parser = commands.add_parser(
        NAME,
        help="ask the research system a question",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=EXIT_CODES,
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
        type=parse_dollars,
        metavar="USD",
        help="begin no call that there is no room for, as in 0.05",
    )
    parser.add_argument(
        "--fast",
        action="store_true",
        help="offline: do not wait as long as the recorded calls took",
    )
    parser.add_argument(
        "--approve",
        action="store_true",
        help="show the plan, and pay for its topics only once you have said yes",
    )
    parser.add_argument(
        "--documents",
        type=Path,
        metavar="FOLDER",
        help="documents of your own: a folder of name.md",
    )
    parser.add_argument(
        "--many",
        type=Path,
        metavar="FILE",
        help="a file of questions; the answers go to FILE.answers.jsonl, without its .txt",
    )
    parser.add_argument("--mode", choices=MODES, help="default: MAS_MODE, else replay")
    parser.add_argument(
        "--base-url", metavar="URL", help="the address of the API, if it is not the usual one"
    )
    parser.set_defaults(command=ask_command)


def parse_dollars(text: str) -> float:
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

    Shows the run while it goes on, and says what it cost, however it ends.
    """
    mode = current_mode(options.mode)
    if options.many:
        return _many(options, mode)
    if not options.question:
        print(f"Recorded questions:\n{build_list(questions_in(_load_recording()))}")
        print("Ask the first: python -m mas_helpers ask 1")
        return 0
    question, origin = _prepare(options, mode)
    folder = corpus_folder(options.documents)
    is_watched = sys.stderr.isatty() and not options.fast and not options.json
    clock: Clock = "real" if mode != "replay" or is_watched else "virtual"
    with trace() as spent:
        budget = None if options.budget is None else Budget(options.budget, spent)
        if budget:
            budget.alert(at=0.8)
        client = connect(NAME, mode=mode, strict=True, middleware=[budget] if budget else [])
        team = build_team(client, folder)
        print(fill(origin), file=sys.stderr)
        approve = (
            functools.partial(approve_plan, spent=spent, mode=mode) if options.approve else None
        )
        # a tree that is drawn again and again would draw over the question to the person
        quiet = options.json or options.approve
        with contextlib.nullcontext() if quiet else show_tree(spent, question):
            result = run_research(question, team, clock, budget, approve)
    if budget and budget.reached:
        result.status, result.reason = "over budget", budget.reached[0]
    result.reason = redact(result.reason)
    if options.json:
        _print_json(question, mode, result, spent)
    elif result.brief and result.brief.drafts:
        print(file=sys.stderr)
        print(build_page(result.brief))
    _print_end(mode, result, spent)
    return CODES[result.status]


def _many(options: argparse.Namespace, mode: Mode) -> int:
    """`ask --many`: the exit code."""
    if options.question or options.json:
        raise NotebookError("--many takes its questions from the file, and writes JSON to another")
    asked, prepared = many.questions_of(options.many), []
    for question in asked:
        options.question = [question]
        prepared.append(_prepare(options, mode))
    questions, (origin, *_) = [one for one, _ in prepared], [origin for _, origin in prepared]
    print(fill(origin), file=sys.stderr)
    clock: Clock = "virtual" if mode == "replay" else "real"
    with trace() as spent:
        budget = None if options.budget is None else Budget(options.budget, spent)
        client = connect(NAME, mode=mode, strict=True, middleware=[budget] if budget else [])
        team = build_team(client, corpus_folder(options.documents))
        answers = many.answers_path(options.many)
        code = many.ask_many(questions, team, answers, clock=clock, spent=spent, budget=budget)
    if mode == "record":
        finish_all() if code == 0 else abandon_all()
    return code


def _print_json(question: str, mode: str, result: AskResult, spent: Trace) -> None:
    whole = {
        "question": question,
        "mode": mode,
        "status": result.status,
        "reason": result.reason,
        **run_as_dict(result.brief, spent),
    }
    # a pipe on Windows lacks some letters; \u2026 it has
    is_plain = "utf" not in str(sys.stdout.encoding).lower()
    print(json.dumps(whole, ensure_ascii=is_plain, indent=2))


def _print_end(mode: str, result: AskResult, spent: Trace) -> None:
    """Says what stopped the run, what it cost, and what happened to the recording."""
    if result.reason:
        cost = "Paid" if mode != "replay" else "Offline nothing is paid; live it would have been"
        print(f"{result.reason}\n{cost}: {sum_text(spent)}", file=sys.stderr)
    if mode == "record" and result.status == "answered":
        print(f"Recorded: {', '.join(map(str, finish_all()))}", file=sys.stderr)
    elif mode == "record":
        kept = ", ".join(map(str, abandon_all())) or "nowhere, for none came"
        replies = f"The replies that came in are in {kept}."
        print(f"The recording is as it was. {replies}", file=sys.stderr)


def _prepare(options: argparse.Namespace, mode: str) -> tuple[str, str]:
    """The question, and where its answer will come from.

    Raises NotebookError, MissingKey, RecordingError.
    """
    question = " ".join(" ".join(options.question).split())
    if not list(corpus_folder(options.documents).glob("*.md")):
        place = options.documents or "./corpus or ./notebooks/corpus"
        raise NotebookError(
            f"There are no documents (name.md) in {place}. Name their folder: --documents FOLDER"
        )
    if mode != "replay":
        address, changes = find_api(options.base_url)
        os.environ.update({name: value for name, value in changes.items() if value is not None})
        return question, f"Asking {address}."
    recording = _load_recording()
    source = recording.source
    if source == "stand-in":
        source = "the stand-in model, so by the authors of the course"
    origin = f"Offline. The replies are recorded, from {source}."
    return _recorded_question(question, questions_in(recording)), origin


def _recorded_question(asked: str, questions: list[str]) -> str:
    """The question that was meant, by its words or its number. Raises NotebookError."""
    known = {_bare(question): question for question in questions}
    known |= {str(number): question for number, question in enumerate(questions, 1)}
    if _bare(asked) in known:
        return known[_bare(asked)]
    lines = [f"This question is not recorded. These are:\n{build_list(questions)}"]
    if number := nearest_question(asked, questions):
        lines.append(f"Did you mean {number}? python -m mas_helpers ask {number}")
    lines.append('With a key, anything can be asked:\n  python -m mas_helpers ask "…" --mode live')
    raise NotebookError("\n".join(lines))


def nearest_question(asked: str, questions: list[str]) -> int:
    """The number of the question that shares most with what was asked; 0 where that's less than
    half of its longer words.
    """

    def share(question: str) -> float:
        there = _bare(question).split()
        found = [word for word in words if difflib.get_close_matches(word, there, 1, ALIKE)]
        return len(found) / len(words)

    words = [word for word in _bare(asked).split() if len(word) > SHORT_WORD]
    shares = [share(question) for question in questions] if words else []
    best = max(shares, default=0.0)
    return shares.index(best) + 1 if best >= 0.5 else 0


def _bare(question: str) -> str:
    """Its words alone, for small differences in typing do not matter."""
    return " ".join(re.findall(r"\w+", question.casefold()))


def _load_recording() -> Recording:
    folder = recordings_folder()
    if not folder.is_dir():
        raise NotebookError(
            f"There is no folder {folder} here. Run this in the course's own folder."
        )
    return recordings.load(folder / f"{NAME}.yaml")


def approve_plan(plan: Plan, spent: Trace, mode: str) -> Plan:
    """The plan as the person at the terminal wants it: all of it, or the topics that they named.
    Raises PlanRefused: for a no, and where nobody is there to ask.
    """
    topics = [f"  {number}  {one.task}" for number, one in enumerate(plan.subtasks, 1)]
    paid = f"So far: {sum_text(spent)}. Each topic is a researcher with several calls."
    print("\n".join(["The plan:", *topics, paid]), file=sys.stderr)
    question = "Go on with it? [y/N, or the numbers to keep, as in 1 3] "
    print(question, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    said = line.strip().lower()
    numbers = [int(word) for word in re.findall(r"\d+", said)]
    if not line:
        raise PlanRefused("nobody is there to approve the plan: this is not a terminal")
    if said in ("y", "yes"):
        return plan
    if not numbers or not all(1 <= number <= len(topics) for number in numbers):
        raise PlanRefused("the plan was refused")
    if mode == "replay":
        raise PlanRefused("offline, only the whole plan is recorded; with a key: --mode live")
    kept = [one for number, one in enumerate(plan.subtasks, 1) if number in numbers]
    return plan.model_copy(update={"subtasks": kept})


def run_research(
    question: str,
    team: Team,
    clock: Clock,
    budget: Budget | None = None,
    approve: Callable[[Plan], Plan] | None = None,
) -> AskResult:
    """How the research ended. Raises NotebookError for documents other than the recorded ones.

    Offline, nobody recorded what is asked after the budget has refused a part of it.
    """
    try:
        return AskResult("answered", run(research(question, team, approve=approve), clock=clock))
    except KeyboardInterrupt:
        return AskResult("stopped", reason="Stopped. Cancelled calls may be billed all the same.")
    except (*FAILURES, AnthropicError, BaseExceptionGroup) as raised:
        error: BaseException = raised
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, recordings.MissingRecording):
            if budget and budget.reached:
                return AskResult("failed", reason=budget.reached[0])
            fix = "Offline: leave --documents out, or name that folder. With a key: --mode live"
            raise NotebookError(
                f"These documents are not those that it was recorded with. {fix}"
            ) from error
        if not isinstance(error, FAILURES):
            raise
        brief = None
        if isinstance(error, NoFactsFound):
            brief = Brief(question, error.research, [])
        elif isinstance(error, WriterFailed):
            brief = Brief(question, error.research, error.drafts)
        return AskResult("failed", brief, f"No answer: {error}")


def replay_problems(recording: Path, used: Path) -> Iterator[str]:
    """What keeps a recorded question from being answered again, for `check`."""
    folder = recording.resolve().parent
    environment = strict_replay_environment(used) | {"MAS_RECORDINGS": str(folder)}
    for question in questions_in(recordings.load(recording)):
        done = subprocess.run(
            [sys.executable, "-m", "mas_helpers", NAME, question, "--json"],
            cwd=folder.parent,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        if done.returncode:
            error = " ".join(done.stderr.split())
            fix = "Record it again: ask … --mode record"
            yield f"{recording}: {question!r} plays no more: {error} {fix}"


def questions_in(recording: Recording) -> list[str]:
    """The questions that a recording answers: what its planner was asked, without the retries."""
    prompts = [
        exchange.request["body"]["messages"][0]["content"]
        for exchange in recording.exchanges
        if exchange.agent == "planner"
    ]
    return list(dict.fromkeys(prompt for prompt in prompts if ANOTHER_TRY not in prompt))
