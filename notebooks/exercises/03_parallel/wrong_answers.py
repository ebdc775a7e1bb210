"""Tempting wrong answers to the exercises of 03_parallel, and what is wrong with them."""

import asyncio

from mas_helpers import fan_out, figure


async def two_at_a_time(jobs):
    """Pairs.

    The first job of a pair that's done leaves its seat empty until the other one is done too, so
    4, 3, 5, 2 and 3 s take 4 + 5 + 3.

    Ask back: which seat is empty at second 3, and who is waiting at that moment?
    """
    names, results = list(jobs), {}
    for k in range(0, len(names), 2):
        pair = names[k : k + 2]
        answers = await asyncio.gather(*(jobs[name] for name in pair))
        results |= dict(zip(pair, answers, strict=True))
    return results


async def first_answer(jobs):
    """The first is returned in time, and the other four go on: nobody reads them, and you pay for
    them.

    Ask back: what does the loop still have to do when your function has returned?
    """
    names = {asyncio.create_task(job): name for name, job in jobs.items()}
    done, _ = await asyncio.wait(names, return_when=asyncio.FIRST_COMPLETED)
    first = done.pop()
    return names[first], first.result()


async def as_they_come(jobs, show):
    """All are at work at once, but `show` is called when the last has arrived: five seconds of an
    empty screen.

    Ask back: at which second does a reader see the first answer? Where would you have to
    call `show` for that to be earlier?
    """
    answers = await asyncio.gather(*jobs.values())
    results = dict(zip(jobs, answers, strict=True))
    for name, result in results.items():
        show(name, result)
    return results


def seats_figure(make_jobs, most):
    """The jobs are made once, for the first picture.

    A coroutine runs only once, so at the next turn of the knob there is nothing left to run, and
    the figure shows an error.

    Ask back: how often is the function that you gave to `figure` called, and how often is
    `make_jobs`?
    """
    jobs = make_jobs()

    async def run_jobs(seats):
        return await fan_out(jobs, max_concurrency=seats)

    return figure(run_jobs, seats=(1, most))
