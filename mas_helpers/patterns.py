"""The coordination functions that the lessons build, from route to coordinate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from anthropic import APIError
from pydantic import BaseModel

from .agent import Agent, ReplyEmpty, ReplyError, ReplyMalformed, ReplyTruncated
from .plans import BadPlan, NothingDone, Orchestrated, Part, Plan, Subtask, flaws
from .reports import Report, Untraceable, untraced

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


async def aggregate(question: str, perspectives: dict[str, str], merger: Agent) -> Report:
    """One report out of several perspectives, every claim traced by code. Raises Untraceable."""
    texts = "\n\n".join(f"Perspective {name}:\n{text}" for name, text in perspectives.items())
    report = await merger.parse(f"{question}\n\n{texts}", Report)
    if problems := untraced(report, perspectives):
        raise Untraceable(problems, report)
    return report


async def planned(question: str, planner: Agent, kinds: Collection[str], most: int = 4) -> Plan:
    """A plan that makes sense. The planner is asked twice at most, and told what was wrong. Raises BadPlan."""
    prompt, plan = question, None
    for _ in range(2):
        try:
            plan = await planner.parse(prompt, Plan)
            problems = flaws(plan, kinds, most)
        except (ReplyMalformed, ReplyTruncated, ReplyEmpty) as error:
            problems = [str(error)]
        if not problems:
            return plan
        prompt = f"{question}\n\nYour last plan was sent back: {'; '.join(problems)}. Make another one."
    raise BadPlan(problems, plan)


async def attempted(subtask: Subtask, worker: Agent) -> Part:
    """The worker's answer with its subtask; where it failed, the reason stands in place of the answer."""
    try:
        return Part(subtask, await worker.run(subtask.task))
    except (ReplyError, APIError) as error:
        return Part(subtask, "", str(error) or type(error).__name__)


def put_together(question: str, parts: list[Part]) -> str:
    """What the synthesizer reads: the question, every result under its task, the name of each missing one."""
    texts = [f"Task: {part.subtask.task}\n{part.answer or f'Missing: {part.missing}'}" for part in parts]
    return "\n\n".join([f"Question: {question}", *texts])


async def orchestrate(
    question: str,
    planner: Agent,
    workers: dict[str, Agent],
    synthesizer: Agent,
    *,
    most: int = 4,
    limit: int | None = None,
) -> Orchestrated:
    """The answer, out of 2 to `most` subtasks, each by the worker of its kind, `limit` at a time (None: all at once).

    A worker that fails leaves its part missing, and the result names it. Raises BadPlan, NothingDone.
    """
    plan = await planned(question, planner, workers, most)
    jobs = {str(n): attempted(subtask, workers[subtask.kind]) for n, subtask in enumerate(plan.subtasks)}
    parts = list((await fan_out(jobs, limit)).values())
    if all(part.missing for part in parts):
        raise NothingDone(parts)
    return Orchestrated(await synthesizer.run(put_together(question, parts)), parts)
