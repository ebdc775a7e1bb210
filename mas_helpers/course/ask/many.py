"""`ask --many questions.txt`: a file of questions, each answer kept as soon as it's there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...agents.budget import Budget
from ...agents.failures import reason_for
from ...agents.jobs import ResultsBusy, results_in, run_jobs
from ...agents.research_team import Team, research
from ...bench.secrets import redact
from ...bench.time.run import run
from ...bench.tracing.spans import Trace
from ...pictures.text import count_text
from ..notebooks import NotebookError
from .page import brief_as_dict
from .tree import sum_text

AT_ONCE = 4  # questions; each of them asks up to four researchers at the same time


def questions_of(path: Path) -> list[str]:
    """The questions of a file, a line each; empty ones and those behind a `#` are left out.

    Raises NotebookError for a file that can't be read or holds none.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NotebookError(f"{path} can't be read: {error}") from None
    questions = [" ".join(line.split()) for line in lines]
    found = [one for one in dict.fromkeys(questions) if one and not one.startswith("#")]
    if not found:
        raise NotebookError(f"{path} holds no question. Write one a line.")
    return found


def answers_path(path: Path) -> Path:
    """Where the answers are kept: `questions.answers.jsonl`, beside `questions.txt`."""
    return path.with_suffix(".answers.jsonl")


def ask_many(
    questions: list[str],
    team: Team,
    answers: Path,
    *,
    clock: Any,
    spent: Trace,
    budget: Budget | None = None,
    say: Callable[[str], None] | None = None,
) -> int:
    """The exit code: 0 where each question has its answer in the file, 1 where one has none, 3
    where the budget was reached, 130 after Ctrl-C. Told line by line what was answered.

    Raises NotebookError where the file of answers is none, or another process writes to it.
    """
    tell = say or (lambda line: print(line, file=sys.stderr, flush=True))
    known = _known(answers)
    kept = sum(question in known for question in questions)
    if kept:
        tell(f"{kept} of {len(questions)} are answered already in {answers}.")
    failed: list[str] = []
    ended = kept

    def on_end(question: str, result: Any) -> None:
        nonlocal ended
        ended += 1
        what = question
        if isinstance(result, Exception):
            failed.append(question)
            what = f"{question} No answer: {redact(reason_for(result))}"
        tell(f"{ended} of {len(questions)} · {what}")

    async def answer(question: str) -> dict[str, Any]:
        return brief_as_dict(await research(question, team))

    try:
        work = run_jobs(questions, answer, answers, max_concurrency=AT_ONCE, on_end=on_end)
        run(work, clock=clock)
    except KeyboardInterrupt:
        known = _known(answers)
        left = sum(question not in known for question in questions)
        tell(f"Stopped. {count_text(left, 'question')} left: the same command goes on with them.")
        return 130
    except ResultsBusy as error:
        raise NotebookError(str(error)) from None
    finally:
        tell(f"{sum_text(spent)} · {answers}")
    if budget and budget.reached:
        tell(budget.reached[0])
        return 3
    return 1 if failed else 0


def _known(answers: Path) -> dict[str, Any]:
    try:
        return results_in(answers)
    except ValueError as error:
        raise NotebookError(f"{error}. Move the file away, or repair it.") from None
