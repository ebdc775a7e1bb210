"""patch_time: code under test reads the virtual time off the machine's clocks, all other code the
real one. limit: how far a run may go.
"""

import asyncio
import datetime
import importlib.util
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from time import monotonic as imported_by_name

import pytest

from mas_helpers import run, trace
from mas_helpers.bench.time import loop as virtual
from mas_helpers.bench.time import machine_clock

needs_time_machine = pytest.mark.skipif(
    importlib.util.find_spec("time_machine") is None, reason="needs time-machine (extra `check`)"
)


def read():
    """All the clocks, in seconds."""
    return [
        time.time(),
        time.time_ns() / 1e9,
        datetime.datetime.now().timestamp(),
        datetime.datetime.now(datetime.UTC).timestamp(),
        time.monotonic(),
        time.monotonic_ns() / 1e9,
        time.perf_counter(),
        time.perf_counter_ns() / 1e9,
        imported_by_name(),
    ]


def passed(before):
    return [round(after - earlier, 3) for earlier, after in zip(before, read(), strict=True)]


async def hours():
    before = read()
    await asyncio.sleep(7200)
    return passed(before)


@needs_time_machine
def test_every_clock_follows_the_virtual_one_as_it_jumps():
    assert run(hours(), clock="virtual", patch_time=True) == [7200.0] * 9


def test_without_it_they_show_the_machines_time():
    assert max(run(hours(), clock="virtual")) < 600


@needs_time_machine
def test_a_run_leaves_the_clocks_as_they_were_and_moves_none_back():
    functions = time.monotonic, time.perf_counter, imported_by_name, time.time
    before = read()
    with trace():
        for _ in range(2):
            began, span = run(read_after_an_hour(), clock="virtual", patch_time=True)
            assert span == [3600.0] * 9
            assert min(later - earlier for earlier, later in zip(before, began, strict=True)) >= 0
            before = [one + 3600 for one in began]
    assert (time.monotonic, time.perf_counter, imported_by_name, time.time) == functions
    assert time.monotonic() < before[4]


async def read_after_an_hour():
    began = read()
    await asyncio.sleep(3600)
    return began, passed(began)


@needs_time_machine
def test_threads_of_the_run_see_it_and_foreign_ones_see_the_machines_time():
    async def main():
        before, seen = read(), []
        await asyncio.sleep(1000)
        foreign = threading.Thread(target=lambda: seen.append(max(passed(before))))
        foreign.start()
        foreign.join()
        return seen[0], await asyncio.to_thread(passed, before)

    foreign, own = run(main(), clock="virtual", patch_time=True)
    assert foreign < 500 and own == [1000.0] * 9


@needs_time_machine
def test_asyncio_and_waits_with_a_timeout_work_on():
    async def main():
        async with asyncio.timeout(30):
            await asyncio.wait_for(asyncio.sleep(5), 10)
            with ThreadPoolExecutor(1) as pool:
                await asyncio.wrap_future(pool.submit(time.sleep, 0.05))
            assert not await asyncio.to_thread(threading.Event().wait, 0.05)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.sleep(5), 1)

    with trace() as t:
        run(main(), clock="virtual", patch_time=True)
    assert t.seconds == 6.0


@needs_time_machine
def test_runs_that_overlap_each_have_their_own_time():
    met = threading.Barrier(2)

    async def main(seconds):
        before = read()
        await asyncio.to_thread(met.wait)
        await asyncio.sleep(seconds)
        return passed(before)

    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(run, main(seconds), clock="virtual", patch_time=True)
            for seconds in (10, 20)
        ]
        assert [one.result() for one in runs] == [[10.0] * 9, [20.0] * 9]
    assert type(time.monotonic).__name__ == "builtin_function_or_method"


@needs_time_machine
def test_a_date_that_time_machine_was_given_is_where_the_run_begins():
    import time_machine

    async def main():
        await asyncio.sleep(60)
        return datetime.datetime.now(datetime.UTC)

    day = datetime.datetime(2026, 1, 31, 23, 59, 30, tzinfo=datetime.UTC)
    with time_machine.travel(day, tick=False):
        ended = run(main(), clock="virtual", patch_time=True)
        assert datetime.datetime.now(datetime.UTC) == day
    assert ended == datetime.datetime(2026, 2, 1, 0, 0, 30, tzinfo=datetime.UTC)


def test_without_time_machine_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install time-machine"):
        run(hours(), clock="virtual", patch_time=True)
    assert not machine_clock._watches


# how far a run may go


async def ticks(count):
    for _ in range(count):
        await asyncio.sleep(1)
    return count


def test_a_simulation_with_a_limit_may_be_longer_than_other_runs(monkeypatch):
    monkeypatch.setattr(virtual, "MOST_IDLE_TIMERS", 10)
    assert run(ticks(100), clock="virtual", limit=100) == 100
    with pytest.raises(virtual.Stuck, match=r"run\(…, limit=seconds\)"):
        run(ticks(100), clock="virtual")


def test_a_run_is_stuck_at_its_limit_and_cleans_up_after():
    ended = []

    async def main():
        try:
            await ticks(100)
        finally:
            await asyncio.sleep(30)
            ended.append(asyncio.get_running_loop().time())

    with trace() as t:
        with pytest.raises(virtual.Stuck, match="its limit, second 50, and these wait:"):
            run(main(), clock="virtual", limit=50)
    assert ended == [80.0] and t.seconds == 80.0
