"""Nothing that an answer does can hang the kernel, end it, fill its memory or leave a thread at
work; and what the learner reads speaks of it.
"""

import asyncio
import functools
import os
import re
import threading
import time
from time import sleep
from types import FunctionType, SimpleNamespace

import pytest

from mas_helpers import run
from mas_helpers.bench.time.loop import open_loops
from mas_helpers.course import exercises, supervision
from mas_helpers.course.exercises import Checks, Line, call_async, call_plain, expect


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch):
    monkeypatch.setattr(exercises, "SECONDS_OF_WORK", 0.3)


def check_it(answer):
    expect("what came back", run(call_async(answer), clock="virtual"), "done")
    return "done"


def check_plain(answer):
    expect("what came back", call_plain(answer, 1), 2)


def of_a_lesson(check):
    return FunctionType(check.__code__, globals() | {"__name__": "checks_of_a_lesson"})


CHECK = Checks(
    SimpleNamespace(check_it=of_a_lesson(check_it), check_plain=of_a_lesson(check_plain))
)


async def spins():
    while True:
        pass


async def waits_on_and_on():
    while True:
        await asyncio.sleep(1e-6)


async def waits_for_nothing():
    await asyncio.Event().wait()


async def tries_again_after_every_error():
    while True:
        try:
            await asyncio.sleep(0)
        except Exception:
            continue


async def catches_everything():
    while True:
        try:
            await asyncio.sleep(0)
        except BaseException:
            continue


async def tidies_up_without_end():
    async def other():
        try:
            await asyncio.sleep(1000)
        finally:
            while True:
                await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    task.cancel()
    await task


async def waits_for_a_lock():
    lock = threading.Lock()
    lock.acquire()
    while not lock.acquire(timeout=0.02):
        pass


sleeps_in_c = functools.partial(sleep, 1.2)  # what no name of the answer's leads to
sleeps_for_long = [functools.partial(sleep, 5)]  # longer than it's waited for


@pytest.mark.parametrize(
    "answer",
    [
        spins,
        waits_on_and_on,
        waits_for_nothing,
        tries_again_after_every_error,
        catches_everything,
        tidies_up_without_end,
        waits_for_a_lock,
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # catches all
def test_code_without_an_end_is_stopped_and_its_place_is_said(answer):
    before = set(threading.enumerate())
    result = CHECK.it(answer)
    assert result.passed is False and result.case == "your code does not come to an end"
    assert re.search(f", in ({answer.__name__}|other), line ", result.yours)
    assert set(threading.enumerate()) == before


def test_what_cannot_be_stopped_is_left_and_the_learner_is_told():
    result = CHECK.it(sleeps_in_c)
    assert result.yours == "still waiting after 0.9 s"


def test_the_clock_of_what_cannot_be_stopped_is_nobody_elses():
    async def sleeps_in_c_on_a_clock():
        sleeps_for_long[0]()

    before = list(open_loops)
    assert CHECK.it(sleeps_in_c_on_a_clock).passed is False
    assert open_loops == before


def test_memory_that_grows_without_end_is_stopped(monkeypatch):
    monkeypatch.setattr(supervision, "MEMORY", 40 * 2**20)
    monkeypatch.setattr(exercises, "SECONDS_OF_WORK", 60)

    async def piles_up():
        pile = []
        while True:
            pile.append(bytearray(2**16))
            await asyncio.sleep(0)

    assert "it has filled 40 MB of memory, in piles_up, line" in CHECK.it(piles_up).yours


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_an_answer_leaves_behind_is_ended():
    async def leaves_one():
        def at_work():
            while True:
                pass

        threading.Thread(target=at_work, name="left behind", daemon=True).start()
        return "done"

    assert CHECK.it(leaves_one).passed
    assert "left behind" not in {thread.name for thread in threading.enumerate()}


async def by_the_module():
    time.sleep(90)


async def by_an_imported_name():
    sleep(90)


async def by_a_name_imported_inside():
    from time import sleep as rest

    rest(90)


async def in_a_thread():
    await asyncio.to_thread(sleep, 90)


class Napper:
    async def __call__(self):
        sleep(90)

    async def nap(self):
        sleep(90)


async def for_some_time(seconds):
    sleep(seconds)


@pytest.mark.parametrize(
    "answer",
    [
        by_the_module,
        by_an_imported_name,
        by_a_name_imported_inside,
        in_a_thread,
        Napper(),
        Napper().nap,
        functools.partial(for_some_time, 90),
    ],
)
def test_nobody_really_sleeps_under_whatever_name(answer):
    result = CHECK.it(answer)
    assert (result.yours, result.case) == ("time.sleep(90)", "your code really sleeps")
    assert time.sleep is sleep


async def asks():
    input("How long? ")


def test_a_question_at_the_keyboard_is_refused():
    result = CHECK.it(asks)
    assert (result.yours, result.case) == ("input()", "your code asks at the keyboard")


async def leaves():
    raise SystemExit


async def ends_the_kernel():
    exit()


async def awaits_a_cancelled_task():
    task = asyncio.create_task(asyncio.sleep(1))
    await asyncio.sleep(0)
    task.cancel()
    await task


async def interrupts():
    raise KeyboardInterrupt


async def calls_itself():
    return await calls_itself()


async def runs_inside():
    return asyncio.run(asyncio.sleep(1, "done"))


async def awaits_a_value():
    await 3


async def awaits_brackets():
    waiting = asyncio.sleep(1)
    await waiting()


async def awaits_it_twice():
    waiting = asyncio.sleep(1)
    await waiting
    await waiting


async def waits_for_coroutines():
    waiting = asyncio.sleep(1)
    try:
        await asyncio.wait([waiting])
    finally:
        waiting.close()


async def forgets_the_name():
    try:
        raise ValueError("x")
    except ValueError as error:  # noqa: F841
        pass
    raise error  # noqa: F821


async def counts_before_it_begins():
    seconds += 90  # noqa: F821
    return seconds


def _counter():
    tries = 0

    async def counts_what_is_outside():
        tries += 1  # noqa: F823
        return tries

    return counts_what_is_outside


@pytest.mark.parametrize(
    ("answer", "yours", "hint"),
    [
        (_counter(), "UnboundLocalError", "`nonlocal` makes it"),
        (leaves, "SystemExit", "`return` ends the function"),
        (ends_the_kernel, "SystemExit", "`return` ends the function"),
        (awaits_a_cancelled_task, "CancelledError", "await a cancelled task raises CancelledError"),
        (interrupts, "KeyboardInterrupt", "in interrupts, line"),
        (calls_itself, "RecursionError: maximum", "in calls_itself, line"),
        (runs_inside, "RuntimeError: asyncio.run() cannot", "write `await …` there"),
        (awaits_a_value, "TypeError: object int can't", "Behind that `await` is a plain value"),
        (awaits_brackets, "TypeError: 'coroutine' object is", "`await` it without brackets"),
        (awaits_it_twice, "RuntimeError: cannot reuse", "A coroutine runs only once"),
        (waits_for_coroutines, "TypeError: Passing coroutines", "`asyncio.create_task(…)`"),
        (forgets_the_name, "UnboundLocalError", "Python forgets the name in `except … as`"),
        (counts_before_it_begins, "UnboundLocalError", ". Call it by hand in a cell"),
    ],
)
def test_an_error_is_shown_with_the_hint_for_it(answer, yours, hint):
    result = CHECK.it(answer)
    assert result.passed is False and result.case == "your code raised an error"
    assert result.yours.startswith(yours)
    assert hint in result.hint


async def plain():
    await asyncio.sleep(90)
    return "done"


class Callable:
    async def __call__(self):
        return await plain()


async def with_a_name(name):
    return name


def hands_on():
    return plain()


@pytest.mark.parametrize(
    "answer",
    [
        plain,
        Callable(),
        functools.partial(with_a_name, "done"),
        hands_on,
        lambda: plain(),
        lambda: asyncio.ensure_future(plain()),
        functools.wraps(plain)(lambda: plain()),
    ],
)
def test_whatever_can_be_awaited_is_right_however_it_is_written(answer):
    assert CHECK.it(answer).passed


async def yields():
    yield "done"


@pytest.mark.parametrize(
    ("answer", "yours", "hint"),
    [
        (lambda: "done", "'done'", "Begin it with `async def`."),
        (yields, "an async generator", "`return` what you have"),
        (90, "90", "Hand over the function itself, by its name."),
    ],
)
def test_what_cannot_be_awaited_is_named(answer, yours, hint):
    result = CHECK.it(answer)
    assert result.yours == yours and hint in result.hint


def test_a_plain_function_is_called_and_nothing_else_asked_of_it():
    async def awaits(number):
        return number + 1

    assert CHECK.plain(functools.partial(lambda by, number: number + by, 1)).passed
    assert CHECK.plain(awaits).hint == "Begin it with `def`: nothing is awaited here."
    assert CHECK.plain(awaits).yours == "a coroutine"


class Odd:
    def __eq__(self, other):
        return False

    def __repr__(self):
        return "odd"


class Unshowable:
    def __repr__(self):
        raise ValueError


@pytest.mark.parametrize(
    ("yours", "expected", "shown"),
    [
        (ValueError, KeyError, ("ValueError", "KeyError")),
        (Odd(), Odd(), ("odd (Odd)", "odd (Odd)")),
        ("a coroutine", Line("a coroutine"), ("'a coroutine'", "a coroutine")),
        ([by_the_module], test_nobody_really_sleeps_under_whatever_name, None),
        (Unshowable(), 1, ("a Unshowable", "1")),
        (object(), 1, ("a object", "1")),
        ("x" * 300 + "a", "x" * 300 + "b", None),
    ],
)
def test_yours_and_expected_are_words_that_differ(yours, expected, shown):
    texts = exercises._side_by_side(yours, expected)
    assert shown in (None, texts)
    assert texts[0] != texts[1] or isinstance(yours, Odd)
    assert not any(word in text for text in texts for word in ("<class", " at 0x", "<function"))
    assert max(map(len, texts)) <= exercises.LONGEST + 2


def test_a_long_check_says_that_it_is_at_work(monkeypatch, capsys):
    clock = iter(range(0, 1000, 3))
    monkeypatch.setattr(supervision.time, "monotonic", lambda: next(clock) / 10**6)
    assert supervision.supervise(lambda: "done", 60, lambda: print("shown")) == ("done", None)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(supervision.time, "monotonic", lambda: next(clock))
    event = threading.Event()
    work = functools.partial(event.wait, 30)
    assert supervision.supervise(work, 10**6, event.set) == (True, None)


def test_the_environment_of_the_caller_is_seen(monkeypatch):
    monkeypatch.setenv("SEEN", "yes")
    assert supervision.supervise(lambda: os.environ["SEEN"], 1, lambda: None) == ("yes", None)
