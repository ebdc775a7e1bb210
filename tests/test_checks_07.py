"""The checks of 07_orchestrator reject the wrong answers that people give, in words."""

import pytest

from mas_helpers import fan_out, orchestrate
from mas_helpers.agents import (
    AllWorkersFailed,
    OrchestrationResult,
    SubtaskResult,
    make_plan,
    run_subtask,
    synthesis_prompt,
)


def _jobs(plan, workers):
    return {
        str(n): run_subtask(subtask, workers[subtask.kind])
        for n, subtask in enumerate(plan.subtasks)
    }


async def _parts(plan, workers):
    return list((await fan_out(_jobs(plan, workers))).values())


def _lost(parts, critical):
    return [part.subtask.kind for part in parts if part.missing and part.subtask.kind in critical]


async def looks_after_the_synthesis(question, planner, workers, synthesizer, critical):
    result = await orchestrate(question, planner, workers, synthesizer)
    if lost := _lost(result.parts, critical):
        raise RuntimeError(str(lost))
    return result


async def only_orchestrates(question, planner, workers, synthesizer, critical):
    return await orchestrate(question, planner, workers, synthesizer)


async def takes_every_gap_for_critical(question, planner, workers, synthesizer, critical):
    parts = await _parts(await make_plan(question, planner, workers), workers)
    if any(part.missing for part in parts):
        raise RuntimeError("data or summary or code is missing")
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)


async def _system(
    question, planner, workers, synthesizer, critical, *, work=_parts, read=list, error=None
):
    """The right answer, with one part of it replaced."""
    parts = await work(await make_plan(question, planner, workers), workers)
    if lost := _lost(parts, critical):
        raise error or RuntimeError(f"missing: {lost}")
    if all(part.missing for part in parts):
        raise AllWorkersFailed(parts)
    return OrchestrationResult(
        await synthesizer.run(synthesis_prompt(question, read(parts))), read(parts)
    )


async def one_after_the_other(*args):
    async def work(plan, workers):
        return [await run_subtask(subtask, workers[subtask.kind]) for subtask in plan.subtasks]

    return await _system(*args, work=work)


async def hides_the_gap(*args):
    return await _system(*args, read=lambda parts: [part for part in parts if not part.missing])


async def raises_an_error_of_its_own(*args):
    return await _system(*args, error=AllWorkersFailed([]))


async def raises_without_a_name(*args):
    return await _system(*args, error=RuntimeError("something is missing"))


async def returns_the_text(*args):
    return (await _system(*args)).text


async def synthesizes_nothing(question, planner, workers, synthesizer, critical):
    parts = await _parts(await make_plan(question, planner, workers), workers)
    if lost := _lost(parts, critical):
        raise RuntimeError(str(lost))
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)


async def trusts_the_plan(question, planner, workers, synthesizer, critical):
    from mas_helpers.agents import Plan

    parts = await _parts(await planner.parse(question, Plan), workers)
    if lost := _lost(parts, critical):
        raise RuntimeError(str(lost))
    if all(part.missing for part in parts):
        raise AllWorkersFailed(parts)
    return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)


async def jobs_by_kind(*args):
    async def work(plan, workers):
        jobs = {
            subtask.kind: run_subtask(subtask, workers[subtask.kind]) for subtask in plan.subtasks
        }
        return list((await fan_out(jobs)).values())

    return await _system(*args, work=work)


def _looked_up(lost):
    """The right answer, with `lost(parts, critical)` for how the lost kinds are found."""

    async def orchestrate_or_raise(question, planner, workers, synthesizer, critical):
        parts = await _parts(await make_plan(question, planner, workers), workers)
        if kinds := lost(parts, critical):
            raise RuntimeError(str(kinds))
        if all(part.missing for part in parts):
            raise AllWorkersFailed(parts)
        return OrchestrationResult(await synthesizer.run(synthesis_prompt(question, parts)), parts)

    return orchestrate_or_raise


@_looked_up
def the_last_of_a_kind_counts(parts, critical):
    last = {part.subtask.kind: part for part in parts}
    return [kind for kind in last if kind in critical and last[kind].missing]


@_looked_up
def one_of_a_kind_is_enough(parts, critical):
    there = {part.subtask.kind for part in parts if not part.missing}
    return [part.subtask.kind for part in parts if part.subtask.kind in critical - there]


@_looked_up
def wants_every_critical_kind_in_the_plan(parts, critical):
    gone = [part.subtask.kind for part in parts if part.missing and part.subtask.kind in critical]
    return gone or sorted(critical - {part.subtask.kind for part in parts})


@_looked_up
def takes_every_critical_kind_for_planned(parts, critical):
    last = {part.subtask.kind: part for part in reversed(parts)}
    return [part for part in parts if part.missing and part.subtask.kind in critical] or [
        kind for kind in critical if last[kind].missing
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (jobs_by_kind, "the kind is no name for it"),
        (the_last_of_a_kind_counts, "the first time it refuses"),
        (one_of_a_kind_is_enough, "whatever the other part of that kind says"),
        (wants_every_critical_kind_in_the_plan, "Go through the parts, not through `critical`."),
        (takes_every_critical_kind_for_planned, "KeyError"),
        (looks_after_the_synthesis, "Look at the parts before the synthesizer is asked"),
        (only_orchestrates, "data refuse, critical: data: was the synthesizer called"),
        (takes_every_gap_for_critical, "Only a missing part of a critical kind is an error."),
        (one_after_the_other, "all at once"),
        (hides_the_gap, "All the parts go into OrchestrationResult."),
        (raises_an_error_of_its_own, "raise RuntimeError(…)"),
        (raises_without_a_name, "Say which kind is missing."),
        (returns_the_text, "Return OrchestrationResult(text, parts)."),
        (synthesizes_nothing, "raise AllWorkersFailed(parts)"),
        (trusts_the_plan, "its InvalidPlan propagates"),
        (
            lambda question, planner, workers, synthesizer, critical: 1 if question else 2,
            "async def",
        ),
    ],
)
def test_wrong_critical_parts(graded, answer, words):
    result = graded("07_orchestrator", "orchestrate_or_raise", answer)
    assert result.passed is False
    assert words in str(result)


async def never_again(plan, workers):
    return await _parts(plan, workers)


async def everybody_again(plan, workers):
    parts = await _parts(plan, workers)
    return await _parts(plan, workers) if any(part.missing for part in parts) else parts


async def in_a_second_round(plan, workers):
    parts = await _parts(plan, workers)
    lost = {
        str(n): run_subtask(p.subtask, workers[p.subtask.kind])
        for n, p in enumerate(parts)
        if p.missing
    }
    again = await fan_out(lost)
    return [again.get(str(n), part) for n, part in enumerate(parts)]


def _each(job):
    """Every subtask through `job`, all at once."""

    async def parts(plan, workers):
        jobs = {
            str(n): job(subtask, workers[subtask.kind]) for n, subtask in enumerate(plan.subtasks)
        }
        return list((await fan_out(jobs)).values())

    return parts


@_each
async def until_it_works(subtask, worker):
    while (part := await run_subtask(subtask, worker)).missing:
        pass
    return part


@_each
async def keeps_the_first_reason(subtask, worker):
    first = await run_subtask(subtask, worker)
    second = await run_subtask(subtask, worker) if first.missing else first
    return first if second.missing else second


@_each
async def always_twice(subtask, worker):
    await run_subtask(subtask, worker)
    return await run_subtask(subtask, worker)


@_each
async def bare_strings(subtask, worker):
    part = await run_subtask(subtask, worker)
    return (await run_subtask(subtask, worker) if part.missing else part).answer


@_each
async def lets_the_second_error_out(subtask, worker):
    part = await run_subtask(subtask, worker)
    if part.missing:
        part = type(part)(subtask, await worker.run(subtask.task))
    return part


@_each
async def another_task(subtask, worker):
    part = await run_subtask(subtask, worker)
    if part.missing:
        return await run_subtask(
            subtask.model_copy(update={"task": f"{subtask.task} Try again!"}), worker
        )
    return part


async def by_kind(plan, workers):
    async def twice(subtask):
        part = await run_subtask(subtask, workers[subtask.kind])
        return await run_subtask(subtask, workers[subtask.kind]) if part.missing else part

    return list(
        (await fan_out({subtask.kind: twice(subtask) for subtask in plan.subtasks})).values()
    )


async def stairs(plan, workers):
    parts = []
    for subtask in plan.subtasks:
        part = await run_subtask(subtask, workers[subtask.kind])
        parts.append(await run_subtask(subtask, workers[subtask.kind]) if part.missing else part)
    return parts


async def drops_what_is_missing(plan, workers):
    async def twice(subtask):
        part = await run_subtask(subtask, workers[subtask.kind])
        return await run_subtask(subtask, workers[subtask.kind]) if part.missing else part

    parts = (
        await fan_out({str(n): twice(subtask) for n, subtask in enumerate(plan.subtasks)})
    ).values()
    return [part for part in parts if not part.missing]


async def by_name(plan, workers):
    return await fan_out(_jobs(plan, workers))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (never_again, "code fails once, after 1 s: calls for each"),
        (everybody_again, "call `run_subtask(…)` once more, and for no other"),
        (in_a_second_round, "it waits for nobody"),
        (until_it_works, "a loop has no end here"),
        (keeps_the_first_reason, "Keep the second part"),
        (keeps_the_first_reason, "yours:    ['attempt 1']\n  expected: ['attempt 2']"),
        (always_twice, "Once each: nothing is to be fixed."),
        (bare_strings, "run_subtask(…) gives a SubtaskResult."),
        (lets_the_second_error_out, "data fails every time, summary once: what it raised"),
        (another_task, "whose parts"),
        (by_kind, "the kind is not unique"),
        (stairs, "All at once: fan_out."),
        (drops_what_is_missing, "one for each subtask"),
        (by_name, "expected: list"),
    ],
)
def test_wrong_second_attempts(graded, answer, words):
    result = graded("07_orchestrator", "parts_with_retry", answer)
    assert result.passed is False
    assert words in str(result)


async def _at_once(subtasks, workers):
    jobs = {n: run_subtask(one, workers[one.kind]) for n, one in enumerate(subtasks)}
    return list((await fan_out(jobs)).values())


async def goes_on_until_nothing_is_left(plan, workers, what_next):
    parts, subtasks = [], plan.subtasks
    while subtasks:
        parts += await _at_once(subtasks, workers)
        subtasks = what_next(parts)
    return parts


async def the_second_round_alone(plan, workers, what_next):
    further = what_next(await _at_once(plan.subtasks, workers))
    return await _at_once(further or plan.subtasks, workers)


async def the_further_ones_first(plan, workers, what_next):
    parts = await _at_once(plan.subtasks, workers)
    return await _at_once(what_next(parts), workers) + parts


async def the_further_ones_one_by_one(plan, workers, what_next):
    parts = await _at_once(plan.subtasks, workers)
    return parts + [await run_subtask(one, workers[one.kind]) for one in what_next(parts)]


async def hands_on_texts(plan, workers, what_next):
    parts = await _at_once(plan.subtasks, workers)
    return parts + await _at_once(what_next([part.answer for part in parts]), workers)


async def hides_what_is_missing(plan, workers, what_next):
    parts = await _at_once(plan.subtasks, workers)
    return parts + await _at_once(what_next([p for p in parts if not p.missing]), workers)


async def adds_to_the_plan(plan, workers, what_next):
    first = await _at_once(plan.subtasks, workers)
    plan.subtasks += what_next(first)
    return first + await _at_once(plan.subtasks[len(first) :], workers)


async def lets_a_further_one_fail(plan, workers, what_next):
    parts = await _at_once(plan.subtasks, workers)
    for one in what_next(parts):
        parts.append(SubtaskResult(one, await workers[one.kind].run(one.task)))
    return parts


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (goes_on_until_nothing_is_left, "There is no third round."),
        (the_second_round_alone, "who was called"),
        (the_further_ones_first, "first the plan's in its order, then the further ones in theirs"),
        (the_further_ones_one_by_one, "the second, which runs at once too"),
        (hands_on_texts, "as SubtaskResults"),
        (hides_what_is_missing, "what what_next was given"),
        (adds_to_the_plan, "the plan afterwards"),
        (lets_a_further_one_fail, "seconds"),
    ],
)
def test_wrong_second_rounds(graded, answer, words):
    result = graded("07_orchestrator", "two_rounds", answer)
    assert result.passed is False
    assert words in str(result)
