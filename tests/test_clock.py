"""run() and the virtual clock: exact seconds, no waiting, plain words for every misuse."""

import asyncio
import ctypes
import http.server
import os
import signal
import socket
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import anyio
import httpx2
import pytest

from mas_helpers import agent_span, run, trace
from mas_helpers.bench import ModeError
from mas_helpers.bench.time import loop as virtual
from mas_helpers.bench.time import run as runner


async def work(seconds):
    with agent_span(f"worker {seconds}"):
        await asyncio.sleep(seconds)
    return seconds


async def three():
    return await asyncio.gather(work(2), work(4), work(3))


def test_run_returns_what_the_coroutine_returns():
    assert run(three()) == [2, 4, 3]


def test_three_workers_take_as_long_as_the_slowest_and_no_real_time():
    async def hours():
        return await asyncio.gather(work(7200), work(14400), work(10800))

    began = time.perf_counter()
    with trace() as t:
        run(hours())
    assert t.seconds == 14400.0
    assert [(t.at(s.start_time), t.at(s.end_time)) for s in t.spans] == [
        (0.0, 14400.0),  # the root of the run
        (0.0, 7200.0),
        (0.0, 14400.0),
        (0.0, 10800.0),
    ]
    assert time.perf_counter() - began < 600


def test_runs_of_one_trace_follow_each_other_exactly():
    with trace() as t:
        run(work(0.1))
        run(work(0.2))
        run(three())
    assert t.seconds == 4.3
    assert t.at(t.spans[3].start_time) == 0.1  # each run has its root before it


def test_a_timeout_of_an_hour_is_exact_and_free():
    async def too_long():
        async with asyncio.timeout(3600):
            await asyncio.sleep(7200)

    with trace() as t, pytest.raises(TimeoutError):
        run(too_long())
    assert t.seconds == 3600.0


def test_each_run_outside_a_trace_starts_at_zero():
    async def now():
        await asyncio.sleep(1)
        return asyncio.get_running_loop().time()

    assert [run(now()), run(now())] == [1.0, 1.0]


def test_live_mode_uses_the_real_clock(monkeypatch):
    monkeypatch.setenv("MAS_MODE", "live")
    began = time.perf_counter()
    with trace() as t:
        run(work(0.1))
    # on Windows a wait may end a tick of 15.6 ms early
    assert 0.05 < t.seconds <= time.perf_counter() - began


def test_the_callers_context_reaches_the_coroutine():
    import contextvars

    name = contextvars.ContextVar("name")
    name.set("mine")

    async def read():
        return name.get()

    assert run(read()) == "mine"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (three, "run() got the function three. Call it: run(three(…))."),
        (42, "run() needs a coroutine, as in run(main()); it got int."),
        (lambda: 1, "it got function"),
    ],
)
def test_run_on_something_else_says_what_to_write(wrong, words):
    with pytest.raises(TypeError) as caught:
        run(wrong)
    assert words in str(caught.value)


def test_a_coroutine_that_has_run_already_says_which_cell_to_run():
    waiting = three()
    assert run(waiting) == run(three())
    with pytest.raises(
        RuntimeError, match=r"run already: three\(…\) makes a new one.*made it first"
    ):
        run(waiting)


def test_run_inside_run_says_await():
    async def outer():
        return run(three())

    with pytest.raises(RuntimeError, match="Write `await …` there"):
        run(outer())


def test_run_inside_asyncio_run_says_await():
    async def outer():
        return run(three())

    with pytest.raises(RuntimeError, match="Write `await …` there"):
        asyncio.run(outer())


def test_an_unknown_mode_names_the_modes(monkeypatch):
    monkeypatch.setenv("MAS_MODE", "typo")
    coro = three()
    with pytest.raises(
        ModeError, match="MAS_MODE=typo is not a mode. Use one of: replay, record, live"
    ):
        run(coro)
    coro.close()


@pytest.mark.parametrize("url", ["http://192.0.2.1:9/", "http://example.com/"])
def test_a_connection_to_elsewhere_on_the_virtual_clock_is_refused_in_words(url):
    async def ask():
        async with httpx2.AsyncClient() as client:  # it connects in a group of tasks
            await client.get(url)

    with pytest.raises(ModeError, match="run\\(…, clock='real'\\)"):
        run(ask(), clock="virtual")


@pytest.mark.parametrize(
    ("address", "here"),
    [
        (("127.0.0.9", 80), True),
        (("::1", 80, 0, 0), True),
        ("localhost", True),
        ("/run/db.sock", True),
        (("192.0.2.1", 80), False),
        ("example.com", False),
        (b"example.com", False),
    ],
)
def test_only_what_is_on_this_machine_may_be_connected_to(address, here):
    assert virtual.is_on_this_machine(address) is here


def test_a_traceback_begins_in_the_callers_code():
    async def boom():
        raise ValueError("mine")

    with pytest.raises(ValueError) as caught:
        run(boom())
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames[-1] == "boom"
    assert [
        name for name in frames if name not in ("run", "boom") and not name.startswith("test_")
    ] == []


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs a signal to one thread")
@pytest.mark.parametrize("virtual", ["virtual", "real"])
def test_ctrl_c_cancels_the_coroutine_and_its_tasks(virtual):
    ended = []

    async def child():
        try:
            while True:
                await asyncio.sleep(0.01)
        finally:
            ended.append("child")

    async def parent():
        async with asyncio.TaskGroup() as group:
            group.create_task(child())

    main = threading.get_ident()
    timer = threading.Timer(0.3, lambda: signal.pthread_kill(main, signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run(parent(), clock=virtual)
    timer.join()
    assert ended == ["child"]


def test_under_a_running_loop_of_a_kernel_run_takes_a_thread(monkeypatch):
    monkeypatch.setattr(runner, "in_kernel", lambda: True)

    async def cell():
        with trace() as t:
            return run(three()), t.seconds

    assert asyncio.run(cell()) == ([2, 4, 3], 4.0)


def test_odd_fractions_and_ties_come_out_exact():
    async def thirds():
        async with asyncio.timeout(10):
            for _ in range(3):
                await asyncio.sleep(1 / 3)
            await asyncio.gather(*(asyncio.sleep(0.1) for _ in range(50)))
        return asyncio.get_running_loop().time()

    assert round(run(thirds()), 6) == 1.1


def test_work_in_threads_takes_its_real_time_to_a_tenth():
    async def main():
        async with asyncio.timeout(3600):
            return await asyncio.gather(*(asyncio.to_thread(nap) for _ in range(3)))

    together = threading.Barrier(3)

    def nap():
        together.wait()
        time.sleep(0.72)

    began = time.perf_counter()
    with trace() as t:
        run(main())
    assert 0.7 <= t.seconds <= time.perf_counter() - began + 0.1
    assert t.seconds == round(t.seconds, 1)


def test_a_short_thread_beside_a_timer_does_not_show():
    async def main():
        await asyncio.gather(
            asyncio.sleep(3600), *(asyncio.to_thread(time.sleep, 0.05) for _ in range(9))
        )

    with trace() as t:
        run(main())
    assert t.seconds == 3600.0


def test_a_timer_beside_a_long_thread_comes_in_time():
    async def main():
        try:
            async with asyncio.timeout(0.1):
                await asyncio.to_thread(timer_came.wait)
        finally:
            timer_came.set()

    timer_came = threading.Event()
    with trace() as t, pytest.raises(TimeoutError):
        run(main())
    assert t.seconds >= 0.1


def test_a_call_that_its_caller_gave_up_is_marked_in_the_trace():
    from mas_helpers import HAIKU, Agent, fake_client

    agent = Agent(
        "slow",
        HAIKU,
        "s",
        client=fake_client(
            lambda body: {"seconds": 5.0, "content": [{"type": "text", "text": "x"}]}
        ),
    )

    async def main():
        async with asyncio.timeout(2):
            await agent.run("hi")

    with trace() as t, pytest.raises(TimeoutError):
        run(main())
    run_to_end = trace()
    with run_to_end as whole:
        run(agent.run("hi"))
    assert [(c.error, c.seconds) for c in t.calls + whole.calls] == [("cancelled", 2.0), ("", 5.0)]


def test_a_call_that_still_runs_says_so():
    from mas_helpers import HAIKU, Agent, fake_client

    agent = Agent(
        "slow",
        HAIKU,
        "s",
        client=fake_client(
            lambda body: {"seconds": 5.0, "content": [{"type": "text", "text": "x"}]}
        ),
    )

    async def main():
        with trace() as t:
            task = asyncio.create_task(agent.run("hi"))
            await asyncio.sleep(2)
            seen = [(c.error, c.seconds) for c in t.calls]
            await task
        return seen

    assert run(main()) == [("still running", 2.0)]


def test_a_span_that_is_ended_late_or_elsewhere_moves_no_clock():
    held = {}

    async def leave_open():
        from mas_helpers.bench.tracing.spans import tracer_provider

        held["span"] = tracer_provider().get_tracer("test").start_span("left open")
        await asyncio.sleep(2)

    with trace() as first:
        run(leave_open())
    with trace() as second:
        run(asyncio.sleep(1))
        held["span"].end()
    assert (first.seconds, second.seconds) == (2.0, 1.0)
    assert first.at(held["span"].end_time) == 2.0


def test_when_nobody_can_wake_anybody_it_says_who_waits_and_where(monkeypatch):
    from mas_helpers.bench.time import loop

    monkeypatch.setattr(loop, "STUCK_SECONDS", 0.1)

    async def waits_for_ever():
        await asyncio.Event().wait()

    with pytest.raises(loop.Stuck) as caught:
        run(waits_for_ever())
    assert "Every task waits, and nothing is under way that could wake one of them" in str(
        caught.value
    )
    assert "waits_for_ever" in str(caught.value)


def test_a_sleep_without_end_beside_a_timeout_ends_with_the_timeout():
    async def main():
        async with asyncio.timeout(5):
            await asyncio.sleep(float("inf"))

    with trace() as t, pytest.raises(TimeoutError):
        run(main())
    assert t.seconds == 5.0


def test_a_trace_inside_a_run_begins_at_zero_and_ends_with_its_block():
    async def main():
        await asyncio.sleep(10)
        with trace() as first:
            await work(2)
        await asyncio.sleep(100)
        with trace() as second:
            await work(3)
        return [(t.seconds, t.at(t.spans[0].start_time)) for t in (first, second)]

    assert run(main()) == [(2.0, 0.0), (3.0, 0.0)]


def test_a_trace_around_another_has_what_both_ran():
    with trace() as outer:
        run(work(1))
        with trace() as inner:
            run(work(2))
        run(work(3))
    assert (outer.seconds, inner.seconds) == (6.0, 2.0)
    assert (len(outer.spans), len(inner.spans)) == (6, 2)  # each run has its root
    assert [outer.at(span.start_time) for span in outer.spans] == [0.0, 0.0, 1.0, 1.0, 3.0, 3.0]


def test_a_subprocess_takes_its_real_time_and_no_timer_overtakes_it():
    import sys

    async def main():
        async with asyncio.timeout(3600):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "print(1)", stdout=-1
            )
            return await process.communicate()

    if sys.platform == "win32":
        pytest.skip("the loop of Windows that runs processes is another one")
    assert run(main())[0].strip() == b"1"


@pytest.mark.slow
def test_the_environment_and_other_tracing_cannot_empty_a_trace():
    import subprocess
    import sys

    code = (
        "from mas_helpers import *\n"
        "agent = Agent('a', HAIKU, 's', client=fake_client(lambda body: 'hello there'))\n"
        "with trace() as t:\n    run(agent.run('a long question'))\n"
        "print(len(t.calls), t.calls[0].agent, t.calls[0].prompt)"
    )
    settings = {  # any of them, if heeded, would take something out of the trace
        "OTEL_SDK_DISABLED": "true",
        "OTEL_TRACES_SAMPLER": "always_off",
        "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "3",
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.stdout == "1 a a long question\n", done.stderr[-500:]


def test_a_tool_runner_is_not_a_call_beside_its_calls():
    from mas_helpers.bench.tracing.call import is_call

    names = [
        "anthropic.messages.create",
        "anthropic.messages.count_tokens",
        "anthropic.messages.tool_runner",
        "other",
    ]
    assert [is_call(type("Span", (), {"name": name})) for name in names] == [
        True,
        True,
        False,
        False,
    ]


def test_threads_that_end_one_after_the_other_let_no_timer_pass():
    async def main():
        loop = asyncio.get_running_loop()
        rang = loop.create_future()
        loop.call_at(0.45, lambda: rang.set_result(loop.time()))
        await asyncio.gather(*(asyncio.to_thread(time.sleep, seconds) for seconds in (0.3, 0.6)))
        return await rang

    assert run(main()) == 0.45


def test_what_rounding_takes_from_the_time_of_threads_is_not_lost():
    """Of 0.56 s twice, 0.6 and 0.5 are on the clock; the 0.02 that remain count on."""
    with virtual.JumpingSelector(0) as selector:
        seen = []
        for _ in range(2):
            selector.worked_ns += 560_000_000
            selector._count_work(None)
            seen.append((selector.now_ns, selector.worked_ns))
    assert seen == [(600_000_000, -40_000_000), (1_100_000_000, 20_000_000)]


def test_an_inner_trace_does_not_set_the_outer_one_back(monkeypatch):
    monkeypatch.setenv("MAS_CLOCK", "real")
    with trace() as outer:
        with trace():
            time.sleep(0.01)
            read = outer.stopwatch.now()
        assert outer.stopwatch.reached() >= read > 0


# work that asyncio did not start: none of it is overtaken by a timer


async def of_a_thread(loop, done):
    def work():
        time.sleep(0.05)
        loop.call_soon_threadsafe(done.set_result, "row")

    threading.Thread(target=work).start()


async def of_a_timer_of_threads(loop, done):
    threading.Timer(0.05, lambda: loop.call_soon_threadsafe(done.set_result, "row")).start()


async def of_a_pool_of_ones_own(loop, done):
    with ThreadPoolExecutor(1) as pool:
        done.set_result(await asyncio.wrap_future(pool.submit(lambda: time.sleep(0.05) or "row")))


async def of_anyio(loop, done):
    with anyio.fail_after(30):
        done.set_result(await anyio.to_thread.run_sync(lambda: time.sleep(0.05) or "row"))


async def of_another_loop(loop, done):
    other = asyncio.new_event_loop()
    thread = threading.Thread(target=other.run_forever)
    thread.start()
    future = asyncio.run_coroutine_threadsafe(asyncio.sleep(0.3, "row"), other)
    done.set_result(await asyncio.wrap_future(future))
    other.call_soon_threadsafe(other.stop)
    thread.join()
    other.close()


async def of_a_pipe(loop, done):
    left, right = socket.socketpair()
    left.setblocking(False)

    def write():
        time.sleep(0.05)
        right.send(b"row")

    thread = threading.Thread(target=write)
    thread.start()
    done.set_result((await loop.sock_recv(left, 9)).decode())
    thread.join()
    left.close()
    right.close()


OUTSIDE = [
    of_a_thread, of_a_timer_of_threads, of_a_pool_of_ones_own, of_anyio, of_another_loop, of_a_pipe,
]  # fmt: skip


@pytest.mark.parametrize("work", OUTSIDE)
def test_no_timer_overtakes_work_that_asyncio_did_not_start(work):
    order = []

    async def look_up():
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        async with asyncio.timeout(30):
            await work(loop, done)
            assert await done == "row"
        await asyncio.sleep(1)
        order.append(("row", loop.time()))

    async def wait():
        await asyncio.sleep(5)
        order.append(("reply", asyncio.get_running_loop().time()))

    async def main():
        await asyncio.gather(look_up(), wait())

    with trace() as t:
        run(main(), clock="virtual")
    assert order == [("row", 1.0), ("reply", 5.0)] and t.seconds == 5.0


def test_a_server_and_its_client_in_one_run_take_virtual_time_alone():
    async def serve(reader, writer):
        while line := await reader.readline():
            await asyncio.sleep(2)
            writer.write(line.upper())
        writer.close()

    async def main():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for _ in range(10):
            writer.write(b"hello\n")
            assert await reader.readline() == b"HELLO\n"
        await asyncio.sleep(100)
        writer.close()
        await asyncio.sleep(0.5)  # the other side hears of it
        server.close()

    began = time.perf_counter()
    with trace() as t:
        run(main(), clock="virtual")
    assert t.seconds == 120.5 and time.perf_counter() - began < 15


class SlowPage(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.05)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *about):
        pass


def test_a_server_in_a_thread_is_waited_for_and_takes_no_time():
    async def main(port):
        async with httpx2.AsyncClient(timeout=5) as client:
            for _ in range(3):
                assert (await client.get(f"http://127.0.0.1:{port}/")).text == "ok"
                await asyncio.sleep(1000)

    began = time.perf_counter()
    with http.server.HTTPServer(("127.0.0.1", 0), SlowPage) as server, trace() as t:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        run(main(server.server_port), clock="virtual")
        server.shutdown()
        thread.join()
    assert t.seconds == 3000.0 and time.perf_counter() - began < 60


def test_idle_threads_add_nothing_to_a_jump():
    async def main():
        await asyncio.to_thread(int)
        for _ in range(1000):
            await asyncio.sleep(1)

    began = time.perf_counter()
    with trace() as t:
        run(main(), clock="virtual")
    assert t.seconds == 1000.0 and time.perf_counter() - began < 10


@pytest.mark.parametrize("seconds", [200 * 86400.0, 366 * 86400.0, 1e9, 1e12])
def test_a_sleep_of_any_length_ends(seconds):
    with trace() as t:
        run(asyncio.sleep(seconds), clock="virtual")
    assert t.seconds == seconds


def test_a_deadlock_beside_a_heartbeat_ends_at_the_same_second(monkeypatch):
    monkeypatch.setattr(virtual, "MOST_IDLE_TIMERS", 1000)

    async def beat():
        while True:
            await asyncio.sleep(1)

    async def main():
        task = asyncio.create_task(beat())
        await asyncio.Event().wait()
        await task

    ends = []
    for _ in range(2):
        with trace() as t, pytest.raises(virtual.Stuck, match="(?s)beside a heartbeat.*main, line"):
            run(main(), clock="virtual")
        ends.append(t.seconds)
    assert ends == [1000.0, 1000.0]


def test_replies_are_no_idle_turns(monkeypatch):
    from mas_helpers import fake_client

    monkeypatch.setattr(virtual, "MOST_IDLE_TIMERS", 5)
    client = fake_client(lambda body: {"content": [], "seconds": 1.0})

    async def main():
        for _ in range(20):
            await client.messages.create(**ASKED)

    with trace() as t:
        run(main(), clock="virtual")
    assert t.seconds == 20.0


def test_a_deadlock_with_a_listening_server_is_told(monkeypatch):
    monkeypatch.setattr(virtual, "STUCK_SECONDS", 0.1)

    async def main():
        server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        async with server:
            await asyncio.Event().wait()

    with pytest.raises(virtual.Stuck, match="Every task waits"):
        run(main(), clock="virtual")


# the sync client

ASKED = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "?"}]}


@pytest.fixture
def ask():
    """Asks a sync client for a reply of so many seconds."""
    from mas_helpers import fake_client

    def seconds_asked_for(body):
        return {"content": [], "seconds": float(body["messages"][0]["content"])}

    client = fake_client(seconds_asked_for, sync=True)

    def ask(seconds):
        message = {"role": "user", "content": str(seconds)}
        client.messages.create(**ASKED | {"messages": [message]})

    return ask


def test_sync_replies_in_threads_of_a_run_have_their_own_begin_and_end(ask):
    async def main():
        await asyncio.gather(*(asyncio.to_thread(ask, seconds) for seconds in (2, 4, 3)))

    for _ in range(10):
        with trace() as t:
            run(main(), clock="virtual")
        assert t.seconds == 4.0
        assert sorted((c.start, c.end) for c in t.calls) == [(0.0, 2.0), (0.0, 3.0), (0.0, 4.0)]


def test_sync_replies_in_turn_in_one_thread_add_up(ask):
    async def main():
        await asyncio.to_thread(lambda: [ask(1), ask(2)])
        await asyncio.sleep(4)

    with trace() as t:
        run(main(), clock="virtual")
    assert [(c.start, c.end) for c in t.calls] == [(0.0, 1.0), (1.0, 3.0)] and t.seconds == 7.0


@pytest.mark.parametrize(("workers", "seconds"), [(3, 4.0), (2, 5.0), (1, 9.0)])
def test_sync_replies_in_a_pool_of_plain_code_wait_side_by_side(ask, workers, seconds):
    for _ in range(10):
        with trace() as t, ThreadPoolExecutor(workers) as pool:
            list(pool.map(ask, (2, 4, 3)))
        assert t.seconds == seconds


def test_a_sync_reply_in_plain_code_takes_its_seconds_and_no_time(ask):
    began = time.perf_counter()
    with trace() as t:
        ask(500)
        ask(0.5)
    assert [(c.start, c.end) for c in t.calls] == [(0.0, 500.0), (500.0, 500.5)]
    assert time.perf_counter() - began < 100


def test_mas_clock_real_makes_a_sync_reply_take_real_time(ask, monkeypatch):
    monkeypatch.setenv("MAS_CLOCK", "real")
    began = time.perf_counter()
    with trace() as t:
        ask(0.3)
    assert time.perf_counter() - began > 0.25 and t.seconds > 0.25


def test_a_sync_call_that_holds_up_the_loop_is_an_error_that_names_it(ask):
    async def worker():
        ask(3)

    with pytest.raises(ModeError, match=r"ask, line \d+ of .*test_clock.py, .* asyncio.to_thread"):
        run(worker(), clock="virtual")


def test_run_in_a_thread_of_a_run_is_a_part_of_that_run():
    async def main():
        return await asyncio.to_thread(lambda: run(work(3)))

    with trace() as t:
        assert run(main(), clock="virtual") == 3
    assert t.seconds == 3.0


# what is left behind


def test_a_thread_that_hangs_does_not_hold_up_the_end_of_a_run():
    release = threading.Event()

    async def main():
        async with asyncio.timeout(0.1):
            await asyncio.to_thread(release.wait)

    for clock in "real", "virtual":
        began = time.perf_counter()
        with pytest.warns(RuntimeWarning, match="a function that it gave to a thread is not: line"):
            with pytest.raises(TimeoutError):
                run(main(), clock=clock)
        assert time.perf_counter() - began < 60
    release.set()


def poll():
    """As the thread of ipykernel that looks for its parent does."""
    while True:
        try:
            time.sleep(0.05)
        except OSError:
            return


def test_a_thread_that_looks_in_from_time_to_time_holds_nothing_up():
    """Its sleep is another instruction once Python 3.11 has seen it a few times."""
    thread = threading.Thread(target=poll, daemon=True)
    thread.start()

    async def wait_long():
        await asyncio.to_thread(time.sleep, 0.7)
        for _ in range(2_000):
            await asyncio.sleep(1)

    began = time.perf_counter()
    run(asyncio.wait_for(wait_long(), 5_000), clock="virtual")
    took = time.perf_counter() - began
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident), ctypes.py_object(OSError)
    )
    thread.join()
    assert took < 6, "the run waited for a thread that does nothing for it"
