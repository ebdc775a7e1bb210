"""The checks of 13_deadlines reject the wrong answers that people give, in words."""

import asyncio

import pytest

from mas_helpers.agents import DeadlinePassed, Outcome, outcome_of, with_deadline


async def _within(seconds, job):
    async with asyncio.timeout(seconds):
        return await job


async def one_after_the_other(jobs, deadline):
    return {name: await outcome_of(_within(deadline, job)) for name, job in jobs.items()}


async def a_limit_around_all(jobs, deadline):
    async with asyncio.timeout(deadline):
        return dict(zip(jobs, await asyncio.gather(*map(outcome_of, jobs.values())), strict=True))


async def a_limit_outside_in_a_group(jobs, deadline):
    async with asyncio.TaskGroup() as group:
        tasks = {
            name: group.create_task(_within(deadline, outcome_of(job)))
            for name, job in jobs.items()
        }
    return {name: task.result() for name, task in tasks.items()}


async def a_deadline_outside_in_a_group(jobs, deadline):
    async with asyncio.TaskGroup() as group:
        tasks = {
            name: group.create_task(with_deadline(outcome_of(job), deadline))
            for name, job in jobs.items()
        }
    return {name: task.result() for name, task in tasks.items()}


async def a_deadline_inside(jobs, deadline):
    limited = [outcome_of(with_deadline(job, deadline)) for job in jobs.values()]
    return dict(zip(jobs, await asyncio.gather(*limited), strict=True))


async def the_deadline_of_the_lesson(jobs, deadline):
    everybody = asyncio.gather(*map(outcome_of, jobs.values()))
    return dict(zip(jobs, await with_deadline(everybody, deadline), strict=True))


async def all_or_nothing(jobs, deadline):
    try:
        return await a_limit_around_all(jobs, deadline)
    except TimeoutError as error:
        return {name: Outcome("timed_out", error=error) for name in jobs}


async def without_a_limit(jobs, deadline):
    return dict(zip(jobs, await asyncio.gather(*map(outcome_of, jobs.values())), strict=True))


async def waits_for_the_deadline(jobs, deadline):
    tasks = {
        name: asyncio.create_task(outcome_of(_within(deadline, job))) for name, job in jobs.items()
    }
    await asyncio.sleep(deadline)
    return {name: await task for name, task in tasks.items()}


async def _waited(
    jobs, deadline, *, late=lambda: Outcome("timed_out", error=TimeoutError()), cancel=True
):
    """A right answer with asyncio.wait, with one part of it replaced."""
    tasks = {name: asyncio.create_task(outcome_of(job)) for name, job in jobs.items()}
    if tasks:
        await asyncio.wait(tasks.values(), timeout=deadline)
    for task in tasks.values() if cancel else ():
        task.cancel()
    came = {}
    for name, task in tasks.items():
        if task.done() or late():
            came[name] = task.result() if task.done() else late()
    return came


async def leaves_the_late_ones_running(jobs, deadline):
    return await _waited(jobs, deadline, cancel=False)


async def leaves_out_the_late_ones(jobs, deadline):
    return await _waited(jobs, deadline, late=lambda: None)


async def an_outcome_without_an_error(jobs, deadline):
    return await _waited(jobs, deadline, late=lambda: Outcome("timed_out"))


async def a_list(jobs, deadline):
    return list((await _waited(jobs, deadline)).values())


async def texts(jobs, deadline):
    return {name: str(one.value) for name, one in (await _waited(jobs, deadline)).items()}


async def a_bug_is_an_outcome(jobs, deadline):
    async def safe(job):
        try:
            return await outcome_of(_within(deadline, job))
        except Exception as error:
            return Outcome("failed", error=error)

    return dict(zip(jobs, await asyncio.gather(*map(safe, jobs.values())), strict=True))


async def a_bug_leaves_the_others_running(jobs, deadline):
    limited = [outcome_of(_within(deadline, job)) for job in jobs.values()]
    return dict(zip(jobs, await asyncio.gather(*limited), strict=True))


async def catches_only_the_time(jobs, deadline):
    async def one(job):
        try:
            return Outcome("ok", await _within(deadline, job))
        except TimeoutError as error:
            return Outcome("timed_out", error=error)

    return dict(zip(jobs, await asyncio.gather(*map(one, jobs.values())), strict=True))


async def in_order_of_arrival(jobs, deadline):
    came = {}

    async def one(name, job):
        came[name] = await outcome_of(_within(deadline, job))

    async with asyncio.TaskGroup() as group:
        for name, job in jobs.items():
            group.create_task(one(name, job))
    return came


def not_async(jobs, deadline):
    return {name: Outcome("ok") for name in jobs}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (one_after_the_other, "jobs of 3, 1 and 2 s, deadline 10 s: seconds"),
        (a_limit_around_all, "A job that is late is an Outcome."),
        (a_limit_outside_in_a_group, "around each job, inside its outcome_of"),
        (a_limit_outside_in_a_group, "yours:    ExceptionGroup of TimeoutError"),
        (a_deadline_outside_in_a_group, "A job that is late is an Outcome."),
        (a_deadline_inside, "still running after you had raised"),
        (the_deadline_of_the_lesson, "yours:    DeadlinePassed"),
        (all_or_nothing, "The limit goes around each job"),
        (without_a_limit, "expected: 5.0"),
        (waits_for_the_deadline, "return when the last one is done"),
        (leaves_the_late_ones_running, "still running later, and paid for"),
        (leaves_out_the_late_ones, "A dictionary: the name of each job"),
        (an_outcome_without_an_error, "Without one, str(outcome) says ok"),
        (a_list, "A dictionary: the name of each job"),
        (texts, "what stands under"),
        (a_bug_is_an_outcome, "A bug is no outcome"),
        (a_bug_leaves_the_others_running, "When one raises, gather leaves the others at work."),
        (catches_only_the_time, "catches what the reply, the API or the time does"),
        (in_order_of_arrival, "in the order of `jobs`"),
        (not_async, "Begin it with `async def`."),
    ],
)
def test_wrong_gatherings(graded, answer, words):
    result = graded("13_deadlines", "gather_outcomes", answer)
    assert result.passed is False
    assert words in str(result)


async def a_task_group(jobs, deadline):
    async with asyncio.TaskGroup() as group:
        tasks = {
            name: group.create_task(outcome_of(_within(deadline, job)))
            for name, job in jobs.items()
        }
    return {name: task.result() for name, task in tasks.items()}


async def wait_and_cancel(jobs, deadline):
    return await _waited(jobs, deadline)


@pytest.mark.parametrize("answer", [a_task_group, wait_and_cancel])
def test_right_gatherings(graded, answer):
    assert graded("13_deadlines", "gather_outcomes", answer).passed


async def every_timeout_is_the_deadline(stages, text, deadline):
    done = []
    try:
        async with asyncio.timeout(deadline):
            for name, work in stages.items():
                text = await work(text)
                done.append(name)
    except TimeoutError:
        pass
    return done, text


async def a_deadline_for_each_stage(stages, text, deadline):
    done = []
    for name, work in stages.items():
        limit = asyncio.timeout(deadline)
        try:
            async with limit:
                text = await work(text)
        except TimeoutError:
            if not limit.expired():
                raise
            break
        done.append(name)
    return done, text


async def nothing_when_late(stages, text, deadline):
    async def all_of_them(text):
        done = []
        for name, work in stages.items():
            text = await work(text)
            done.append(name)
        return done, text

    try:
        return await with_deadline(all_of_them(text), deadline)
    except DeadlinePassed:
        return [], text


async def raises_when_late(stages, text, deadline):
    done = []
    async with asyncio.timeout(deadline):
        for name, work in stages.items():
            text = await work(text)
            done.append(name)
    return done, text


async def looks_at_the_clock_between_stages(stages, text, deadline):
    done, end = [], asyncio.get_running_loop().time() + deadline
    for name, work in stages.items():
        if asyncio.get_running_loop().time() >= end:
            break
        text = await work(text)
        done.append(name)
    return done, text


async def all_at_once(stages, text, deadline):
    jobs = [asyncio.create_task(work(text)) for work in stages.values()]
    done, _ = await asyncio.wait(jobs, timeout=deadline) if jobs else (set(), set())
    return [name for name, job in zip(stages, jobs, strict=True) if job in done], text


async def names_the_late_one_too(stages, text, deadline):
    done = []
    limit = asyncio.timeout(deadline)
    try:
        async with limit:
            for name, work in stages.items():
                done.append(name)
                text = await work(text)
    except TimeoutError:
        if not limit.expired():
            raise
    return done, text


async def leaves_it_running(stages, text, deadline):
    state = [[], text]

    async def go():
        for name, work in stages.items():
            state[1] = await work(state[1])
            state[0].append(name)

    task = asyncio.create_task(go())
    await asyncio.wait([task], timeout=deadline)
    if task.done():
        task.result()
    return list(state[0]), state[1]


async def swallows_what_a_stage_raises(stages, text, deadline):
    done = []
    try:
        async with asyncio.timeout(deadline):
            for name, work in stages.items():
                text = await work(text)
                done.append(name)
    except Exception:
        pass
    return done, text


async def the_text_only(stages, text, deadline):
    return (await every_timeout_is_the_deadline(stages, text, deadline))[1]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (every_timeout_is_the_deadline, "passes a limit of its own"),
        (a_deadline_for_each_stage, "the same, deadline 6 s"),
        (nothing_when_late, "What was done before the time was up counts"),
        (raises_when_late, "What was done before the time was up counts"),
        (looks_at_the_clock_between_stages, "the same, deadline 6 s"),
        (all_at_once, "Each stage gets the text of the one before."),
        (names_the_late_one_too, "the same, deadline 6 s"),
        (leaves_it_running, "stages that end later"),
        (swallows_what_a_stage_raises, "a stage refuses at 3 s"),
        (the_text_only, "(names, text)"),
    ],
)
def test_wrong_ends_at_the_deadline(graded, answer, words):
    result = graded("13_deadlines", "as_far_as", answer)
    assert result.passed is False
    assert words in str(result)


async def with_the_deadline_of_the_lesson(stages, text, deadline):
    done, texts = [], [text]

    async def go():
        for name in stages:
            texts.append(await stages[name](texts[-1]))
            done.append(name)

    try:
        await with_deadline(go(), deadline)
    except DeadlinePassed:
        pass
    return done, texts[-1]


async def what_is_left_for_each(stages, text, deadline):
    done, loop = [], asyncio.get_running_loop()
    end = loop.time() + deadline
    for name, work in stages.items():
        task = asyncio.create_task(work(text))
        try:
            finished, _ = await asyncio.wait([task], timeout=end - loop.time())
        finally:
            task.cancel()
        if not finished:
            break
        text = task.result()
        done.append(name)
    return done, text


@pytest.mark.parametrize("answer", [with_the_deadline_of_the_lesson, what_is_left_for_each])
def test_right_ends_at_the_deadline(graded, answer):
    assert graded("13_deadlines", "as_far_as", answer).passed
