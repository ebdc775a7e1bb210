"""The checks of 03_parallel reject the wrong answers that people give, in words."""

import asyncio

import pytest

from mas_helpers import fan_out, figure


async def false_parallel(jobs):
    return {name: await job for name, job in jobs.items()}


async def all_at_once(jobs):
    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(job) for name, job in jobs.items()}
    return {name: task.result() for name, task in tasks.items()}


async def pairs(jobs):
    names, results = list(jobs), {}
    for k in range(0, len(names), 2):
        pair = names[k : k + 2]
        results |= dict(
            zip(pair, await asyncio.gather(*(jobs[name] for name in pair)), strict=True)
        )
    return results


async def lock_around_everything(jobs):
    seat = asyncio.Semaphore(1)

    async def seated(job):
        async with seat:
            return await job

    return dict(zip(jobs, await asyncio.gather(*map(seated, jobs.values())), strict=True))


async def semaphore_around_the_group(jobs):
    async with asyncio.Semaphore(2):
        return await all_at_once(jobs)


async def swallows(jobs):
    seats = asyncio.Semaphore(2)

    async def seated(job):
        async with seats:
            try:
                return await job
            except Exception:
                return None

    return dict(zip(jobs, await asyncio.gather(*map(seated, jobs.values())), strict=True))


async def order_of_arrival(jobs):
    seats, results = asyncio.Semaphore(2), {}

    async def seated(name, job):
        async with seats:
            results[name] = await job

    async with asyncio.TaskGroup() as group:
        for name, job in jobs.items():
            group.create_task(seated(name, job))
    return results


async def a_list(jobs):
    return list((await order_of_arrival(jobs)).values())


async def never_releases(jobs):
    seats = asyncio.Semaphore(2)

    async def seated(job):
        await seats.acquire()
        return await job

    return dict(zip(jobs, await asyncio.gather(*map(seated, jobs.values())), strict=True))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (false_parallel, "make a task of each, and two can wait at once"),
        (all_at_once, "yours:    5"),
        (pairs, "each job that ends makes room for the next"),
        (lock_around_everything, "at work at the same moment, at most"),
        (semaphore_around_the_group, "one for all, and taken inside each task"),
        (swallows, "None looks like a result"),
        (order_of_arrival, "the order of the names"),
        (a_list, "A dictionary"),
        (never_releases, "Does each job give its seat back?"),
        (lambda jobs: {}, "Begin it with `async def`."),
    ],
)
def test_wrong_limits(graded, answer, words):
    result = graded("03_parallel", "two_at_a_time", answer)
    assert result.passed is False
    assert words in str(result)


async def waits_for_all(jobs):
    results = await order_of_arrival_all(jobs)
    return next(iter(results.items()))


async def order_of_arrival_all(jobs):
    results = {}

    async def one(name, job):
        results[name] = await job

    await asyncio.gather(*(one(name, job) for name, job in jobs.items()))
    return results


async def leaves_them_running(jobs):
    names = {asyncio.create_task(job): name for name, job in jobs.items()}
    done, _ = await asyncio.wait(names, return_when=asyncio.FIRST_COMPLETED)
    first = done.pop()
    return names[first], first.result()


async def only_the_result(jobs):
    tasks = [asyncio.create_task(job) for job in jobs.values()]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    return done.pop().result()


async def the_first_in_the_list(jobs):
    name = next(iter(jobs))
    return name, await jobs[name]


async def a_dictionary(jobs):
    name, result = await leaves_them_running(jobs)
    return {name: result}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (waits_for_all, "seconds until then"),
        (leaves_them_running, "Cancel every task that isn't done"),
        (only_the_result, "A pair: the name and the result"),
        (the_first_in_the_list, "what came back"),
        (a_dictionary, "A pair: the name and the result"),
    ],
)
def test_wrong_firsts(graded, answer, words):
    result = graded("03_parallel", "first_answer", answer)
    assert result.passed is False
    assert words in str(result)


async def shows_at_the_end(jobs, show):
    results = await all_at_once(jobs)
    for name, result in results.items():
        show(name, result)
    return results


async def shows_in_order_of_jobs(jobs, show):
    tasks = {name: asyncio.create_task(job) for name, job in jobs.items()}
    for name, task in tasks.items():
        show(name, await task)
    return {name: task.result() for name, task in tasks.items()}


async def one_after_the_other(jobs, show):
    results = {}
    for name, job in jobs.items():
        results[name] = await job
        show(name, results[name])
    return results


async def names_by_position(jobs, show):
    tasks = [asyncio.create_task(job) for job in jobs.values()]
    for name, task in zip(jobs, asyncio.as_completed(tasks), strict=True):
        show(name, await task)
    return {name: task.result() for name, task in zip(jobs, tasks, strict=True)}


async def returned_in_order_of_arrival(jobs, show):
    results = {}

    async def one(name, job):
        results[name] = await job
        show(name, results[name])

    await asyncio.gather(*(one(name, job) for name, job in jobs.items()))
    return results


async def lets_the_others_go_on(jobs, show):
    async def shown(name, job):
        result = await job
        show(name, result)
        return result

    return dict(
        zip(
            jobs,
            await asyncio.gather(*(shown(name, job) for name, job in jobs.items())),
            strict=True,
        )
    )


async def shows_nothing(jobs, show):
    return await all_at_once(jobs)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (shows_at_the_end, "not when others are done too"),
        (shows_in_order_of_jobs, "not when others are done too"),
        (one_after_the_other, "All at once"),
        (names_by_position, "A name belongs to its own job's result."),
        (returned_in_order_of_arrival, "the order of the names"),
        (shows_nothing, "once for each job"),
        (lets_the_others_go_on, "the jobs still at work"),
    ],
)
def test_wrong_arrivals(graded, answer, words):
    result = graded("03_parallel", "as_they_come", answer)
    assert result.passed is False
    assert words in str(result)


async def only_dots(*arguments): ...


# Literal names, so that test_lessons can see that no check is forgotten.
BLANKS = [
    ("03_parallel", "two_at_a_time"),
    ("03_parallel", "first_answer"),
    ("03_parallel", "as_they_come"),
]


@pytest.mark.parametrize(("lesson", "name"), BLANKS)
@pytest.mark.parametrize("blank", [None, only_dots])
def test_a_blank_is_not_tried_yet(graded, lesson, name, blank):
    assert str(graded(lesson, name, blank)) == f"{name}: not tried yet"


async def forgets_async_with(jobs):
    seats = asyncio.Semaphore(2)

    async def seated(job):
        with seats:
            return await job

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(seated(job)) for name, job in jobs.items()}
    return {name: task.result() for name, task in tasks.items()}


async def calls_the_job(jobs):
    async def called(job):
        return await job()

    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(called(job)) for name, job in jobs.items()}
    return {name: task.result() for name, task in tasks.items()}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (forgets_async_with, "TypeError: 'Semaphore' object does not support the context manager"),
        (forgets_async_with, "It happened in seated, line "),
        (calls_the_job, "It is a coroutine already: `await` it without brackets."),
    ],
)
def test_an_error_in_a_task_is_told_as_it_is(graded, answer, words):
    result = graded("03_parallel", "two_at_a_time", answer)
    assert result.passed is False and words in str(result)


def made_once(make_jobs, most):
    jobs = make_jobs()
    return figure(lambda seats: fan_out(jobs, seats), seats=(1, most))


def no_figure(make_jobs, most):
    return lambda seats: fan_out(make_jobs(), seats)


def no_limit(make_jobs, most):
    return figure(lambda seats: fan_out(make_jobs()), seats=(1, most))


def to_zero(make_jobs, most):
    return figure(lambda seats=1: fan_out(make_jobs(), seats), seats=(0, most))


def mistyped(make_jobs, most):
    return figure(lambda seats: fan_out(make_job(), seats), seats=(1, most))  # noqa: F821


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (made_once, "call `make_jobs` again at each turn of the knob"),
        (made_once, "the knob at 2 of 3"),
        (no_figure, "yours:    a function"),
        (no_limit, "The knob's value is the limit: `max_concurrency=seats`."),
        (to_zero, "yours:    [0, 1, 2, 3]"),
        (mistyped, "NameError: name 'make_job' is not defined"),
    ],
)
def test_a_figure_of_ones_own_is_turned(graded, answer, words):
    result = graded("03_parallel", "seats_figure", answer)
    assert result.passed is False and words in str(result)
