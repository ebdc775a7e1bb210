"""The coordination functions that the lessons build, from route to coordinate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from anthropic import APIError
from pydantic import BaseModel

from .agent import Agent, ReplyEmpty, ReplyError, ReplyMalformed, ReplyTruncated, text_of
from .briefs import Brief, Draft, FactCheck, NothingFound, Research, Unwritten, misread, source_list, to_mend, uncited
from .corpus import Notes, invented
from .outcomes import LineStopped, NothingDone, NotPutTogether, Orchestrated, Part, Routed, put_together
from .plans import BadPlan, Plan, Subtask, flaws
from .reports import Report, Untraceable, untraced

T = TypeVar("T")


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
    """A plan in which `flaws` finds nothing. The planner is asked twice at most, and told what was wrong; BadPlan."""
    prompt, plan = question, None
    for _ in range(2):
        try:
            plan = await planner.parse(prompt, Plan)
            came, problems = plan.model_dump_json(), flaws(plan, kinds, most)
        except (ReplyMalformed, ReplyTruncated, ReplyEmpty) as error:
            came, problems = text_of(error.reply), [str(error)]
        if not problems:
            return plan
        wrong = "; ".join(problems)
        prompt = f"{question}\n\nYour last plan was sent back:\n{came}\n\nWhat is wrong: {wrong}. Make another one."
    raise BadPlan(problems, plan)


async def attempted(subtask: Subtask, worker: Agent) -> Part:
    """The worker's answer with its subtask; where it failed, the reason stands in place of the answer."""
    try:
        return Part(subtask, await worker.run(subtask.task))
    except (ReplyError, APIError, TimeoutError) as error:
        return Part(subtask, "", str(error) or type(error).__name__)


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

    A worker that fails leaves its part missing, and the result names it. Raises BadPlan, NothingDone, NotPutTogether.
    """
    plan = await planned(question, planner, workers, most)
    jobs = {str(n): attempted(subtask, workers[subtask.kind]) for n, subtask in enumerate(plan.subtasks)}
    parts = list((await fan_out(jobs, limit)).values())
    if all(part.missing for part in parts):
        raise NothingDone(parts)
    try:
        return Orchestrated(await synthesizer.run(put_together(question, parts)), parts)
    except (ReplyError, APIError, TimeoutError) as error:
        raise NotPutTogether(str(error) or type(error).__name__, parts) from error


async def researched(
    topic: str, researcher: Agent, documents: Mapping[str, str], earlier: Mapping[str, Research]
) -> Research:
    """The facts on a topic whose words are in the documents; where its researcher failed, those of an earlier run."""
    try:
        notes = await researcher.parse(topic, Notes)
        wrong = invented(notes.facts, documents)
        facts = [fact for i, fact in enumerate(notes.facts) if i not in wrong]
        if facts or not wrong:
            return Research(topic, facts, notes.gaps, left_out=list(wrong.values()))
        failed = "; ".join(wrong.values())
    except (ReplyError, APIError, TimeoutError) as error:
        failed = str(error) or type(error).__name__
    if topic not in earlier:
        return Research(topic, [], [], failed=failed)
    old, gone = earlier[topic], invented(earlier[topic].facts, documents)
    facts = [fact for i, fact in enumerate(old.facts) if i not in gone]
    return replace(
        old, facts=facts, left_out=list(gone.values()), failed=failed, earlier=old.earlier or "an unknown day"
    )


async def fact_checked(text: str, research: list[Research], checker: Agent) -> Draft:
    """The draft with the objections of code and of the checker. A checker that fails has not agreed: `.unchecked`."""
    objections = {"code": uncited(text, sum(len(one.facts) for one in research))}
    try:
        check = await checker.parse(f"Brief:\n{text}\n\n{source_list(research)}", FactCheck)
    except (ReplyError, APIError, TimeoutError) as error:
        return Draft(text, objections, str(error) or type(error).__name__)
    strange = misread(check, text)
    sound = [objection for objection in check.objections if objection not in strange]
    if sound or not strange:
        objections[checker.name] = sound
    return Draft(text, objections, f"it objects to words that are not there: {strange[0].words!r}" if strange else "")


async def coordinate(
    question: str,
    topics: list[str],
    researcher: Agent,
    writer: Agent,
    checker: Agent,
    documents: Mapping[str, str],
    *,
    rounds: int = 2,
    earlier: Mapping[str, Research] | None = None,
) -> Brief:
    """A brief on the question: topics researched at once, then a text written and checked, `rounds` times at most.

    The writer is critical: Unwritten. Of the researchers one must bring a fact: NothingFound. All else degrades, and
    `.caveats` says so. earlier: for a researcher that fails, what an earlier run found on its topic.
    """
    if rounds < 1:
        raise ValueError(f"rounds={rounds}: without a round nothing is written")
    jobs = {topic: researched(topic, researcher, documents, earlier or {}) for topic in dict.fromkeys(topics)}
    research = list((await fan_out(jobs)).values())
    if not any(one.facts for one in research):
        raise NothingFound(research)
    prompt = task = f"Question: {question}\n\n{source_list(research)}"
    drafts: list[Draft] = []
    while len(drafts) < rounds and prompt:
        try:
            text = await writer.run(prompt)
        except (ReplyError, APIError, TimeoutError) as error:
            raise Unwritten(str(error) or type(error).__name__, research, drafts) from error
        drafts.append(await fact_checked(text, research, checker))
        prompt = to_mend(task, drafts[-1])
    return Brief(question, research, drafts)
