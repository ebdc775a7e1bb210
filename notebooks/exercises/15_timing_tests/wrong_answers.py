"""Tempting wrong answers to the exercises of 15_timing_tests, and what is wrong with them."""

import asyncio

from mas_helpers import run, trace


def my_test(system, seconds):
    """A second of slack, as tests on a real clock need it.

    On the virtual clock there is nothing to allow for. One worker is awaited before the others
    begin, half a second is lost, and the test passes.

    Ask back: how far apart are two runs of the same system on this clock? Then what is the second
    for?
    """
    with trace() as t:
        run(system(), clock="virtual")
    expected = seconds["planner"] + max(seconds["workers"]) + seconds["synthesizer"]
    assert abs(t.seconds - expected) <= 1, f"{t.seconds} s, not {expected}"
    asked = [call.agent for call in t.calls]
    assert len(set(asked)) == len(asked) == len(seconds["workers"]) + 2, asked


async def hedged(ask, after):
    """The clean-up covers the race, but not the wait before it.

    Cancel `hedged` while only the first call is under way, and that call goes on: you pay for it,
    and nobody reads it.

    Ask back: at which lines can `hedged` be cancelled? Which of them are inside the `try`?
    """
    asked = [asyncio.create_task(ask())]
    await asyncio.wait(asked, timeout=after)
    if not asked[0].done() or asked[0].exception():
        asked.append(asyncio.create_task(ask()))
    try:
        for task in asyncio.as_completed(asked):
            try:
                return await task
            except Exception as error:
                failed = error
        raise failed
    finally:
        for task in asked:
            task.cancel()


def seconds_for(n, max_concurrency):
    """It shares the work out to the second, as if a worker could be cut in pieces.

    Ten workers on three seats are three full waves and one with a single worker. That last wave
    takes 4 s, too.

    Ask back: how many workers are in the last wave, and how long does it take?
    """
    return 4.0 * n / (max_concurrency or n)
