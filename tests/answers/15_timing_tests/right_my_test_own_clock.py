# right: reads the loop's clock itself
import asyncio

from mas_helpers import run, trace


async def timed(system):
    loop = asyncio.get_running_loop()
    began = loop.time()
    await system()
    return round(loop.time() - began, 6)


def my_test(system, seconds):
    with trace() as t:
        took = run(timed(system), clock="virtual")
    planner, workers, synthesizer = seconds.values()
    assert took == round(planner + max(workers) + synthesizer, 6)
    assert sorted({call.agent for call in t.calls}) == sorted(call.agent for call in t.calls)
    assert len(t.calls) == len(workers) + 2
