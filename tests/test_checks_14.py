"""The checks of 14_failure_injection reject the wrong answers that people give, in words."""

import asyncio

import pytest
from anthropic import APIError

from mas_helpers import ReplyError, fan_out
from mas_helpers.agents import (
    AllWorkersFailed,
    Subtask,
    run_subtask,
    synthesis_prompt,
    with_deadline,
)


async def _parts(tasks, workers):
    jobs = {
        n: run_subtask(Subtask(kind=n, task=task, needs=[]), workers[n])
        for n, task in tasks.items()
    }
    return list((await fan_out(jobs)).values())


def _missing(parts):
    return [part.subtask.kind for part in parts if part.missing]


async def _work(question, tasks, workers, synthesizer, *, missing=_missing, nothing=True):
    """The right answer but for its deadline, with one part of it replaced."""
    parts = await _parts(tasks, workers)
    if nothing and all(part.missing for part in parts):
        raise AllWorkersFailed(parts)
    return await synthesizer.run(synthesis_prompt(question, parts)), missing(parts)


async def without_a_deadline(question, tasks, workers, synthesizer):
    return await _work(question, tasks, workers, synthesizer)


async def with_a_bare_timeout(question, tasks, workers, synthesizer):
    async with asyncio.timeout(40):
        return await _work(question, tasks, workers, synthesizer)


async def with_a_deadline_for_the_workers(question, tasks, workers, synthesizer):
    parts = await with_deadline(_parts(tasks, workers), 40.0)
    if all(part.missing for part in parts):
        raise AllWorkersFailed(parts)
    return await synthesizer.run(synthesis_prompt(question, parts)), _missing(parts)


async def names_nobody(question, tasks, workers, synthesizer):
    return await with_deadline(
        _work(question, tasks, workers, synthesizer, missing=lambda parts: []), 40.0
    )


async def names_the_tasks(question, tasks, workers, synthesizer):
    def missing(parts):
        return [part.subtask.task for part in parts if part.missing]

    return await with_deadline(_work(question, tasks, workers, synthesizer, missing=missing), 40.0)


async def names_everybody_if_one_fails(question, tasks, workers, synthesizer):
    def missing(parts):
        return list(tasks) if _missing(parts) else []

    return await with_deadline(_work(question, tasks, workers, synthesizer, missing=missing), 40.0)


async def goes_on_with_nothing(question, tasks, workers, synthesizer):
    return await with_deadline(_work(question, tasks, workers, synthesizer, nothing=False), 40.0)


async def one_after_the_other(question, tasks, workers, synthesizer):
    answers = {name: await workers[name].run(task) for name, task in tasks.items()}
    return await synthesizer.run("\n".join([question, *answers.values()])), []


async def in_a_task_group(question, tasks, workers, synthesizer):
    async with asyncio.TaskGroup() as group:
        jobs = [group.create_task(workers[name].run(task)) for name, task in tasks.items()]
    return await synthesizer.run("\n".join([question, *(job.result() for job in jobs)])), []


async def gives_up_when_one_fails(question, tasks, workers, synthesizer):
    answers = await asyncio.gather(*(workers[name].run(task) for name, task in tasks.items()))
    return await synthesizer.run("\n".join([question, *answers])), []


async def passes_errors_on_as_answers(question, tasks, workers, synthesizer):
    async def safely(name):
        try:
            return await workers[name].run(tasks[name])
        except (ReplyError, APIError) as error:
            return f"Worker failed: {error}"

    async def work():
        answers = await asyncio.gather(*(safely(name) for name in tasks))
        return await synthesizer.run("\n".join([question, *answers])), []

    return await with_deadline(work(), 40.0)


async def catches_too_little(question, tasks, workers, synthesizer):
    async def work():
        answers, missing = {}, []

        async def ask(name):
            try:
                answers[name] = await workers[name].run(tasks[name])
            except ReplyError:
                missing.append(name)

        await asyncio.gather(*(ask(name) for name in tasks))
        if not answers:
            raise RuntimeError("no worker had an answer")
        return await synthesizer.run("\n".join([question, *answers.values()])), missing

    return await with_deadline(work(), 40.0)


async def hides_the_synthesizers_failure(question, tasks, workers, synthesizer):
    try:
        return await with_deadline(_work(question, tasks, workers, synthesizer), 40.0)
    except (ReplyError, APIError):
        return "", []


async def forgets_the_question(question, tasks, workers, synthesizer):
    return await with_deadline(_work("", tasks, workers, synthesizer), 40.0)


async def text_only(question, tasks, workers, synthesizer):
    return (await with_deadline(_work(question, tasks, workers, synthesizer), 40.0))[0]


async def raises_without_a_word(question, tasks, workers, synthesizer):
    try:
        return await with_deadline(_work(question, tasks, workers, synthesizer), 40.0)
    except Exception:
        raise RuntimeError from None


async def says_only_that_nobody_answered(question, tasks, workers, synthesizer):
    try:
        return await with_deadline(_work(question, tasks, workers, synthesizer), 40.0)
    except AllWorkersFailed:
        raise RuntimeError("nobody answered") from None


async def names_the_workers_in_a_runtime_error(question, tasks, workers, synthesizer):
    try:
        return await with_deadline(_work(question, tasks, workers, synthesizer), 40.0)
    except AllWorkersFailed as error:
        raise RuntimeError("no answer from " + ", ".join(tasks)) from error


async def gives_the_reasons_in_a_runtime_error(question, tasks, workers, synthesizer):
    try:
        return await with_deadline(_work(question, tasks, workers, synthesizer), 40.0)
    except AllWorkersFailed as error:
        raise RuntimeError("; ".join(part.missing for part in error.parts)) from error


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer", [names_the_workers_in_a_runtime_error, gives_the_reasons_in_a_runtime_error]
)
def test_a_runtime_error_may_name_a_worker_or_a_reason(graded, answer):
    assert graded("14_failure_injection", "small", answer).passed


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (without_a_deadline, "and it has 40"),
        (with_a_bare_timeout, "it ended in TimeoutError: without a word"),
        (with_a_deadline_for_the_workers, "with_deadline(…, 40.0) around the whole."),
        (names_nobody, "is not there, and the list is []"),
        (names_the_tasks, "The names of the workers whose part is missing"),
        (names_everybody_if_one_fails, "is there, and the list is"),
        (goes_on_with_nothing, "nobody had an answer, and it gave one"),
        (one_after_the_other, "All workers at once"),
        (in_a_task_group, "it ended in ExceptionGroup"),
        (gives_up_when_one_fails, "had answered, and it ended in"),
        (passes_errors_on_as_answers, "is not there, and the list is []"),
        (catches_too_little, "had answered, and it ended in RateLimitError"),
        (hides_the_synthesizers_failure, "which is not the synthesizer's"),
        (forgets_the_question, "synthesis_prompt(question, parts)"),
        (text_only, "A pair: the text, and a list of names."),
        (raises_without_a_word, "it ended in RuntimeError: without a word"),
        (says_only_that_nobody_answered, "Its text names no worker and no reason."),
        (without_a_deadline, "expected: within 40 s: an answer that is complete"),
        (lambda question, tasks, workers, synthesizer: 1, "Begin it with `async def`."),
    ],
)
def test_wrong_small_systems(graded, answer, words):
    result = graded("14_failure_injection", "small", answer)
    assert result.passed is False
    assert words in str(result)


def test_what_broke_it_is_shown_at_its_smallest(graded):
    result = graded("14_failure_injection", "small", names_nobody)
    assert "at its smallest, call 1 of data: rate_limited\n" in str(result)
    result = graded("14_failure_injection", "small", goes_on_with_nothing)
    assert result.case.count("refused") == 3


def as_they_came(faults, breaks):
    return faults


def the_first_that_breaks_alone(faults, breaks):
    return next(([one] for one in faults if breaks([one])), faults)


def from_the_end_only(faults, breaks):
    left = list(faults)
    while left and breaks(left[:-1]):
        left = left[:-1]
    return left


def once_through(faults, breaks):
    left, place = list(faults), 0
    while place < len(left):
        fewer = left[:place] + left[place + 1 :]
        left, place = (fewer, place) if breaks(fewer) else (left, place + 1)
    return left


def by_value(faults, breaks):
    left, again = list(faults), True
    while again:
        again = False
        for one in list(left):
            fewer = [other for other in left if other != one]
            if breaks(fewer):
                left, again = fewer, True
                break
    return left


def each_against_the_whole(faults, breaks):
    return [one for n, one in enumerate(faults) if not breaks(faults[:n] + faults[n + 1 :])]


def every_subset(faults, breaks):
    from itertools import combinations

    return next(
        list(some)
        for n in range(len(faults) + 1)
        for some in combinations(faults, n)
        if breaks(list(some))
    )


def keeps_one_at_least(faults, breaks):
    left, place = list(faults), 0
    while place < len(left) and len(left) > 1:
        fewer = left[:place] + left[place + 1 :]
        left, place = (fewer, 0) if breaks(fewer) else (left, place + 1)
    return left


def takes_from_the_list_itself(faults, breaks):
    place = 0
    while place < len(faults):
        one = faults.pop(place)
        if breaks(faults):
            place = 0
        else:
            faults.insert(place, one)
            place += 1
    return faults


def backwards(faults, breaks):
    return once_through(once_through(faults, breaks), breaks)[::-1]


def goes_on_until_it_breaks_no_more(faults, breaks):
    left = list(faults)
    while breaks(left) and left:
        left = left[1:]
    return left


def how_many(faults, breaks):
    return len(once_through(once_through(faults, breaks), breaks))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (as_they_came, "nothing more can be left out"),
        (the_first_that_breaks_alone, "a and c break, of a b c"),
        (from_the_end_only, "faults[:n] + faults[n + 1:]"),
        (once_through, "try the ones that you kept again"),
        (by_value, "by its place, not by its value"),
        (each_against_the_whole, "Keep a fault that it does not break without."),
        (every_subset, "Not every subset."),
        (keeps_one_at_least, "the answer is []"),
        (takes_from_the_list_itself, "Work on a copy."),
        (backwards, "Keep the order of the list."),
        (goes_on_until_it_breaks_no_more, "Keep a fault that it does not break without."),
        (how_many, "Return a list of Faults."),
    ],
)
def test_wrong_shrinkers(graded, answer, words):
    result = graded("14_failure_injection", "shrunk", answer)
    assert result.passed is False
    assert words in str(result)


def _whole(routed):
    return routed.answer == f"{routed.agent}: done"


def looks_at_the_answer_only(routed):
    return [] if _whole(routed) else ["the answer is not whole"]


def looks_at_who_answered_only(routed):
    return [] if routed.agent == "billing" or routed.fallback_reason else ["another one answered"]


def objects_to_every_default(routed):
    return ([] if _whole(routed) else ["not whole"]) + ["not billing"] * (routed.agent != "billing")


def any_text_will_do(routed):
    return ([] if routed.answer else ["empty"]) + looks_at_who_answered_only(routed)


def expects_billing_to_answer(routed):
    return [] if routed.answer == "billing: done" else ["billing has not answered"]


def trusts_why(routed):
    return (
        []
        if routed.fallback_reason or (routed.agent == "billing" and "done" in routed.answer)
        else ["silent"]
    )


def lets_any_why_pass(routed):
    if routed.fallback_reason:
        return []
    return looks_at_the_answer_only(routed) + ["another one answered"] * (routed.agent != "billing")


def objects_to_a_why(routed):
    return looks_at_the_answer_only(routed) + ["there is a reason"] * bool(routed.fallback_reason)


def never_objects(routed):
    return []


def says_yes_or_no(routed):
    return not _whole(routed)


def a_sentence_not_a_list(routed):
    return "" if _whole(routed) else "the answer is not whole"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (looks_at_the_answer_only, "then `fallback_reason` must say so"),
        (looks_at_who_answered_only, "the whole text of the agent that is named"),
        (objects_to_every_default, "A gap that `fallback_reason` names is none."),
        (any_text_will_do, "a cut answer is taken for a whole one"),
        (expects_billing_to_answer, "A gap that `fallback_reason` names is none."),
        (trusts_why, "billing is named, and the default has answered"),
        (
            lets_any_why_pass,
            "a default that failed gives half an answer or none; at its smallest, call 1 of router",
        ),
        (lets_any_why_pass, "\n  RouteResult(category="),
        (objects_to_a_why, "A gap that `fallback_reason` names is none."),
        (never_objects, "a sentence that says what is silent here"),
        (says_yes_or_no, "a list of sentences"),
        (a_sentence_not_a_list, "a list of sentences"),
    ],
)
def test_wrong_unsaid_ones(graded, answer, words):
    result = graded("14_failure_injection", "unsaid_routed", answer)
    assert result.passed is False
    assert words in str(result)
