"""Solutions to the exercises of 15_timing_tests."""

import asyncio
import math

from mas_helpers import run, trace


def my_test(system, seconds):
    with trace() as t:
        run(system(), clock="virtual")
    expected = round(seconds["planner"] + max(seconds["workers"]) + seconds["synthesizer"], 6)
    assert t.seconds == expected, f"{t.seconds} s, not {expected}"
    asked = [call.agent for call in t.calls]
    assert len(set(asked)) == len(asked) == len(seconds["workers"]) + 2, asked


async def hedged(ask, after):
    asked = [asyncio.create_task(ask())]
    try:
        await asyncio.wait(asked, timeout=after)
        if not asked[0].done() or asked[0].exception():
            asked.append(asyncio.create_task(ask()))
        for task in asyncio.as_completed(asked):
            try:
                return await task
            except Exception as error:
                failed = error
        raise failed
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


def seconds_for(n, max_concurrency):
    waves = 1 if max_concurrency is None else math.ceil(n / max_concurrency)
    return waves * 4.0
