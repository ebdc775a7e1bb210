"""Tempting wrong answers to the exercises of 15_timing_tests, and what is wrong with them."""

import asyncio

from mas_helpers import run, trace


def my_test(system, seconds):
    """A second of slack, as tests on a real clock need it.

    On the virtual clock there is nothing to allow for, and half a second lost to one worker after
    the other gets through.

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
    """The clean-up covers the race, and not the wait before it.

    Whoever is cancelled while only the first call is out leaves it running: it is paid, and nobody
    reads it.

    Ask back: at which lines can `hedged` be cancelled? Which of them lie inside the `try`?
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
