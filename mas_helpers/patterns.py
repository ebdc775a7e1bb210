"""The coordination functions that the lessons build: route, fan_out, pipeline, aggregate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from .agent import Agent, ReplyError

T = TypeVar("T")


@dataclass(frozen=True)
class Routed:
    """Who answered a request. `why` says why it was the default, and is empty when a specialist answered."""

    category: str
    agent: str
    answer: str
    why: str = ""


async def route(
    request: str, router: Agent, kind: type[BaseModel], specialists: dict[str, Agent], default: Agent
) -> Routed:
    """The answer of the specialist for the router's category; of the default where there is none, and why."""
    try:
        category = (await router.parse(request, kind)).category
        why = "" if category in specialists else f"nobody is there for {category!r}"
    except ReplyError as error:
        category, why = "", str(error)
    agent = specialists.get(category, default)
    return Routed(category, agent.name, await agent.run(request), why)


async def fan_out(jobs: dict[str, Coroutine[Any, Any, T]], limit: int | None = None) -> dict[str, T]:
    """Each job's result under its name. All are at work at once, or `limit` of them; one that fails stops the rest."""
    seats = asyncio.Semaphore(limit if limit and limit > 0 else max(len(jobs), 1))

    async def one(job: Coroutine[Any, Any, T]) -> T:
        async with seats:
            return await job

    try:
        if limit is not None and limit < 1:
            raise ValueError(f"limit={limit} would let nobody begin; None is for no limit")
        async with asyncio.TaskGroup() as group:
            tasks = {name: group.create_task(one(job)) for name, job in jobs.items()}
    finally:
        for job in jobs.values():
            job.close()  # one that never had its turn; nothing happens to the others
    return {name: task.result() for name, task in tasks.items()}


class LineStopped(Exception):
    """A stage gave nothing to go on with. `.stage` is its name, `.done` what the stages before it wrote."""

    def __init__(self, stage: str, reason: str, done: dict[str, str]) -> None:
        self.stage, self.reason, self.done = stage, reason, dict(done)
        super().__init__(stage, reason, done)

    def __str__(self) -> str:
        return f"stopped at {self.stage}: {self.reason}"


def handed_on(task: str, done: dict[str, str]) -> str:
    """What a stage reads: the task, then what each earlier stage wrote, under its name."""
    return "\n\n".join([task, *(f"From {name}:\n{text}" for name, text in done.items())])


async def pipeline(task: str, stages: list[Agent], gate: Callable[[str, str], str]) -> dict[str, str]:
    """Each stage's text under its name. `gate(stage, text)` gives the reason to stop after a stage, or `""`."""
    done: dict[str, str] = {}
    if len({stage.name for stage in stages}) < len(stages):
        raise ValueError("two stages have the same name; their texts are kept by name")
    for stage in stages:
        try:
            text = await stage.run(handed_on(task, done))
        except ReplyError as error:
            raise LineStopped(stage.name, str(error), done) from error
        if reason := gate(stage.name, text):
            raise LineStopped(stage.name, reason, done)
        done[stage.name] = text
    return done


class Quote(BaseModel):
    """Words of a perspective, as they stand there."""

    perspective: str
    words: str


class Finding(BaseModel):
    """A claim, and the words that it rests on."""

    claim: str
    quotes: list[Quote]


class Contradiction(BaseModel):
    """What two perspectives see differently, and the words of each."""

    about: str
    quotes: list[Quote]


class Report(BaseModel):
    """What several perspectives say together."""

    findings: list[Finding]
    contradictions: list[Contradiction]


class Untraceable(Exception):
    """A report says what no perspective said, or leaves one out. `.problems` are in words, `.report` is as it came."""

    def __init__(self, problems: list[str], report: Report) -> None:
        self.problems, self.report = problems, report
        super().__init__(problems, report)

    def __str__(self) -> str:
        return "; ".join(self.problems)


def untraced(report: Report, perspectives: dict[str, str]) -> list[str]:
    """What keeps a report from being traced to its perspectives, in words; `[]` when all of it can be."""
    entries = [(f.claim, f.quotes, 1, "rests on no perspective") for f in report.findings]
    entries += [(c.about, c.quotes, 2, "shows fewer than two sides") for c in report.contradictions]
    problems = []
    for said, quotes, needed, too_few in entries:
        if len({quote.perspective for quote in quotes}) < needed:
            problems.append(f"{said!r} {too_few}")
        for quote in quotes:
            words = folded(quote.words)
            if not words or words not in folded(perspectives.get(quote.perspective, "")):
                problems.append(f"{said!r} quotes {quote.perspective} with words that are not there: {quote.words!r}")
    claims = [folded(f.claim) for f in report.findings]
    problems += [f"{f.claim!r} is there twice" for i, f in enumerate(report.findings) if claims[i] in claims[:i]]
    heard = {quote.perspective for _, quotes, *_ in entries for quote in quotes}
    return problems + [f"{name} is left out" for name in perspectives if name not in heard]


def folded(text: str) -> str:
    """A text without what typing changes: letter case and white space."""
    return " ".join(text.casefold().split())


async def aggregate(question: str, perspectives: dict[str, str], merger: Agent) -> Report:
    """One report out of several perspectives, every claim traced by code. Raises Untraceable."""
    texts = "\n\n".join(f"Perspective {name}:\n{text}" for name, text in perspectives.items())
    report = await merger.parse(f"{question}\n\n{texts}", Report)
    if problems := untraced(report, perspectives):
        raise Untraceable(problems, report)
    return report
