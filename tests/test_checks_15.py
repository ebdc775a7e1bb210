"""The checks of 15_timing_tests reject the wrong answers that people give, in words."""

import asyncio
from collections import Counter

import pytest
from answers import unfolded

from mas_helpers import critical_path, fan_out, run, trace
from mas_helpers.course.exercises import load
from mas_helpers.course.notebooks import read_notebook


def _measured(system):
    with trace() as t:
        run(system(), clock="virtual")
    return t


def _expected(seconds):
    return round(seconds["planner"] + max(seconds["workers"]) + seconds["synthesizer"], 6)


def looks_at_the_time_alone(system, seconds):
    assert _measured(system).seconds == _expected(seconds)


def counts_alone(system, seconds):
    assert len(_measured(system).calls) == len(seconds["workers"]) + 2


def is_content_with_less(system, seconds):
    t = _measured(system)
    assert t.seconds <= _expected(seconds)
    assert len(t.calls) == len(seconds["workers"]) + 2


def has_a_tolerance(system, seconds):
    t = _measured(system)
    assert abs(t.seconds - _expected(seconds)) < 0.1 * _expected(seconds)
    assert len(t.calls) == len(seconds["workers"]) + 2


def looks_at_what_decided(system, seconds):
    t = _measured(system)
    assert len(critical_path(t)) == 3
    assert len(t.calls) == len(seconds["workers"]) + 2


def counts_calls_without_names(system, seconds):
    t = _measured(system)
    assert t.seconds == _expected(seconds)
    assert len(t.calls) == len(seconds["workers"]) + 2


def looks_at_names_without_counting(system, seconds):
    t = _measured(system)
    assert t.seconds == _expected(seconds)
    assert len({call.agent for call in t.calls}) == len(seconds["workers"]) + 2


def adds_without_rounding(system, seconds):
    assert (
        _measured(system).seconds
        == seconds["planner"] + max(seconds["workers"]) + seconds["synthesizer"]
    )


def raises_another_error(system, seconds):
    t = _measured(system)
    if t.seconds != _expected(seconds):
        raise ValueError("too slow")


def uses_played(system, seconds):
    run(system("Should it close?", "planner", {}, "synthesizer"), clock="virtual")


def adds_the_workers_up(system, seconds):
    assert (
        _measured(system).seconds
        == seconds["planner"] + sum(seconds["workers"]) + seconds["synthesizer"]
    )


def takes_its_numbers_from_the_run(system, seconds):
    t = _measured(system)
    planner, *workers, synthesizer = [call.seconds for call in t.calls]
    assert t.seconds == round(planner + max(workers) + synthesizer, 6)
    assert len(workers) == len(seconds["workers"])


def returns_its_verdict(system, seconds):
    t = _measured(system)
    return t.seconds == _expected(seconds) and len(t.calls) == len(seconds["workers"]) + 2


def knows_one_size(system, seconds):
    assert _measured(system).seconds == 16.0


def runs_nothing(system, seconds):
    assert _expected(seconds) > 0


def always_fails(system, seconds):
    raise AssertionError


async def is_async(system, seconds):
    assert await system()


def forgets_to_call_it(system, seconds):
    with trace() as t:
        run(system, clock="virtual")
    assert t.seconds == _expected(seconds)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (looks_at_the_time_alone, "one worker is never asked"),
        (counts_alone, "the workers are awaited in a loop"),
        (is_content_with_less, "It takes less than it should, so <= is content"),
        (has_a_tolerance, "a tolerance overlooks it"),
        (looks_at_what_decided, "Something waits that is no call"),
        (counts_calls_without_names, "look at `call.agent`"),
        (looks_at_names_without_counting, "one call too many"),
        (adds_without_rounding, "round(…, 6) what you expect"),
        (raises_another_error, "ValueError: too slow"),
        (uses_played, "`played` is no use here"),
        (adds_the_workers_up, "a good system of 4 workers"),
        (takes_its_numbers_from_the_run, "Take the seconds from `seconds`"),
        (returns_its_verdict, "what it returns nobody reads"),
        (knows_one_size, "a good system of 2 workers"),
        (runs_nothing, "did your test run it"),
        (always_fails, "did your test run it"),
        (is_async, "Begin it with `def`"),
        (forgets_to_call_it, "Call it: run(system(…))"),
    ],
)
def test_wrong_tests(graded, answer, words):
    result = graded("15_timing_tests", "my_test", answer)
    assert result.passed is False
    assert words in str(result)


async def asks_once(ask, after):
    return await ask()


async def asks_twice_at_once(ask, after):
    asked = [asyncio.create_task(ask()) for _ in range(2)]
    try:
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in asked if task in done).result()
    finally:
        for task in asked:
            task.cancel()


async def breaks_the_first_off(ask, after):
    try:
        return await asyncio.wait_for(ask(), after)
    except Exception:
        return await ask()


async def waits_longer_than_it_must(ask, after):
    asked = [asyncio.create_task(ask())]
    await asyncio.sleep(after)
    if not asked[0].done() or asked[0].exception():
        asked.append(asyncio.create_task(ask()))
    return await _first_answer(asked)


async def _first_answer(asked):
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


async def takes_the_first_to_end(ask, after):
    asked = [asyncio.create_task(ask())]
    try:
        await asyncio.wait(asked, timeout=after)
        if not asked[0].done() or asked[0].exception():
            asked = [asked[0]] * (not asked[0].done()) + [asyncio.create_task(ask())]
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in asked if task in done).result()
    finally:
        for task in asked:
            task.cancel()


async def lets_the_early_error_out(ask, after):
    asked = [asyncio.create_task(ask())]
    done, _ = await asyncio.wait(asked, timeout=after)
    if done:
        return asked[0].result()
    return await _first_answer([*asked, asyncio.create_task(ask())])


async def leaves_the_loser_running(ask, after):
    asked = [asyncio.create_task(ask())]
    await asyncio.wait(asked, timeout=after)
    if not asked[0].done() or asked[0].exception():
        asked.append(asyncio.create_task(ask()))
    for task in asyncio.as_completed(asked):
        try:
            return await task
        except Exception as error:
            failed = error
    raise failed


async def cleans_up_only_when_all_is_well(ask, after):
    asked = [asyncio.create_task(ask())]
    await asyncio.wait(asked, timeout=after)
    if not asked[0].done() or asked[0].exception():
        asked.append(asyncio.create_task(ask()))
    failed = None
    for task in asyncio.as_completed(asked):
        try:
            answer = await task
        except Exception as error:
            failed = error
        else:
            for other in asked:
                other.cancel()
            return answer
    raise failed


async def goes_on_asking(ask, after):
    asked = []
    try:
        for _ in range(5):
            asked.append(asyncio.create_task(ask()))
            await asyncio.wait([asked[-1]], timeout=after)
            if answered := [task for task in asked if task.done() and not task.exception()]:
                return answered[0].result()
        return await asked[-1]
    finally:
        for task in asked:
            task.cancel()


async def uses_a_task_group(ask, after):
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(ask())]
        await asyncio.wait(asked, timeout=after)
        if not asked[0].done() or asked[0].exception():
            asked.append(group.create_task(ask()))
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        for task in asked:
            task.cancel()
    return next(task for task in asked if task in done).result()


async def awaits_what_it_cancelled(ask, after):
    first = asyncio.create_task(ask())
    await asyncio.wait([first], timeout=after)
    if first.done() and not first.exception():
        return first.result()
    first.cancel()
    await asyncio.create_task(ask())
    return await first


async def waits_for_nothing(ask, after):
    asked = [asyncio.ensure_future(task) for task in ask()]
    return await asyncio.wait(asked, timeout=after)


def is_plain(ask, after):
    return "answer 1"


def runs_a_loop_of_its_own(ask, after):
    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (asks_once, "After 5 s a second call"),
        (asks_twice_at_once, "the first answers after 2 s"),
        (breaks_the_first_off, "the first takes 7 s, the second 9"),
        (waits_longer_than_it_must, "comes back as soon as the first has ended"),
        (takes_the_first_to_end, "An error is no answer"),
        (lets_the_early_error_out, "The first failed before 5 s were over"),
        (leaves_the_loser_running, "In `finally`, cancel every task"),
        (cleans_up_only_when_all_is_well, "a deadline of 6 s around it"),
        (goes_on_asking, "The first is still in the race"),
        (uses_a_task_group, "A TaskGroup ends both calls when one fails"),
        (awaits_what_it_cancelled, "do not cancel it yet"),
        (waits_for_nothing, "your code raised an error"),
        (is_plain, "Begin it with `async def`"),
        (runs_a_loop_of_its_own, "a loop is running already"),
    ],
)
def test_wrong_hedges(graded, answer, words):
    result = graded("15_timing_tests", "hedged", answer)
    assert result.passed is False
    assert words in str(result)


async def knows_one_after(ask, after):
    asked = [asyncio.create_task(ask())]
    try:
        await asyncio.wait(asked, timeout=5)
        if not asked[0].done() or asked[0].exception():
            asked.append(asyncio.create_task(ask()))
        return await _first_answer(asked)
    finally:
        asked[0].cancel()


async def cleans_up_after_the_first_wait_only(ask, after):
    asked = [asyncio.create_task(ask())]
    await asyncio.wait(asked, timeout=after)
    if not asked[0].done() or asked[0].exception():
        asked.append(asyncio.create_task(ask()))
    return await _first_answer(asked)


async def shields_the_first(ask, after):
    first = asyncio.create_task(ask())
    try:
        return await asyncio.wait_for(asyncio.shield(first), after)
    except Exception:
        return await _first_answer([first, asyncio.create_task(ask())])


async def gives_the_race_a_limit_of_its_own(ask, after):
    asked = [asyncio.create_task(ask())]
    try:
        await asyncio.wait(asked, timeout=after)
        if not asked[0].done() or asked[0].exception():
            asked.append(asyncio.create_task(ask()))
        async with asyncio.timeout(after):
            return await _first_answer(asked)
    finally:
        asked[0].cancel()


def _but_for(after_5):
    """Right with after=5, as in the named cases; something else happens with any other `after`."""

    async def hedged(ask, after):
        if after != 5:
            await after_5()
        asked = [asyncio.create_task(ask())]
        try:
            await asyncio.wait(asked, timeout=after)
            if not asked[0].done() or asked[0].exception():
                asked.append(asyncio.create_task(ask()))
            return await _first_answer(asked)
        finally:
            asked[0].cancel()

    return hedged


async def _waits_for_ever():
    await asyncio.Event().wait()


async def _divides_by_zero():
    return 1 / 0


BROKE = "of 300 schedules broke it; the smallest: "

CANCELLED = "after=3, the first answers after 2 s, with a deadline of 1 s around it"

LEFT = "\n  yours:    TimeoutError, after 1 s; calls begun at 0; calls still going on: 1\n"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (knows_one_after, "after=1, the first answers after 3 s, the second answers after 1 s\n"),
        (cleans_up_after_the_first_wait_only, CANCELLED + LEFT),
        (shields_the_first, CANCELLED + LEFT),
        (
            gives_the_race_a_limit_of_its_own,
            "after=1, the first answers after 2 s, the second answers after 2 s\n",
        ),
        (
            _but_for(_waits_for_ever),
            "after=2, the first answers after 1 s\n  yours:    nothing, after 1000 s;",
        ),
        (
            _but_for(_divides_by_zero),
            "yours:    ZeroDivisionError: division by zero, after 0 s; calls begun at no",
        ),
    ],
)
def test_what_only_the_search_finds_is_shown_at_its_smallest_and_the_same_each_time(
    graded, answer, words
):
    result = graded("15_timing_tests", "hedged", answer)
    assert result.passed is False
    assert BROKE in result.case and words in str(result)
    assert graded("15_timing_tests", "hedged", answer) == result


def measures(n, limit):
    async def many():
        await fan_out({str(i): asyncio.sleep(4) for i in range(n)}, limit)

    return _measured(many).seconds


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (measures, "Make the seconds of n"),
        (lambda n, limit: 4 * n / (limit or n), "math.ceil rounds up"),
        (lambda n, limit: 4 * -(-n // (limit or 1)), "None is no limit"),
        (lambda n, limit: 4 * (n // (limit or n)), "10 workers, 3 at a time"),
        (lambda n, limit: -(-n // (limit or n)), "how long does each take"),
        (lambda n, limit: 4 * -(-n // limit), "your code raised an error"),
        (lambda n, limit: 4 * n / min(n, limit or n), "10 workers, 3 at a time"),
    ],
)
def test_wrong_formulas(graded, answer, words):
    result = graded("15_timing_tests", "seconds_for", answer)
    assert result.passed is False
    assert words in str(result)


async def without_as_completed(ask, after):
    going, failed = {asyncio.create_task(ask())}, []
    try:
        done, _ = await asyncio.wait(going, timeout=after)
        if all(task.exception() for task in done):
            going = (going - done) | {asyncio.create_task(ask())}
            done = set()
        while going or done:
            if answers := [task.result() for task in done if not task.exception()]:
                return answers[0]
            failed += done
            going -= done
            done = (
                (await asyncio.wait(going, return_when=asyncio.FIRST_COMPLETED))[0]
                if going
                else set()
            )
        raise failed[-1].exception()
    finally:
        for task in going:
            task.cancel()


def test_another_right_hedge_passes_all_schedules(graded):
    result = graded("15_timing_tests", "hedged", without_as_completed)
    assert result.passed and "300 schedules" in result.case, str(result)


def test_every_schedule_has_one_right_end_and_all_that_can_happen_is_among_them(home):
    check = load(home / "notebooks" / "exercises" / "15_timing_tests" / "checks.py")
    races = [check._drawn(seed) for seed in range(check.SCHEDULES)]
    ends = Counter((check._must(race)["got"], len(check._must(race)["begun"])) for race in races)
    one_call = {("answer 1", 1), ("TimeoutError", 1)}
    assert set(ends) == one_call | {
        (got, 2) for got in ("answer 1", "answer 2", "Late: both failed", "TimeoutError")
    }
    assert min(ends.values()) >= 5, ends
    assert not any(check._tied(race) for race in races)
    by_hand = {
        check.Race(2, 4, 5): ([0.0], "answer 1", 2.0),
        check.Race(9, 3, 5): ([0.0, 5.0], "answer 2", 8.0),
        check.Race(-1, 4, 5): ([0.0, 1.0], "answer 2", 5.0),
        check.Race(-6, -4, 5): ([0.0, 5.0], "Late: both failed", 9.0),
        check.Race(-6, 4, 5, 5.5): ([0.0, 5.0], "TimeoutError", 5.5),
        check.Race(9, 4, 5, 3): ([0.0], "TimeoutError", 3.0),
    }
    for race, (begun, got, seconds) in by_hand.items():
        assert check._must(race) == {"begun": begun, "got": got, "seconds": seconds, "open": 0}


def test_the_tests_that_the_lesson_quotes_are_those_of_the_example(home):
    notebook = read_notebook(home / "notebooks" / "15_timing_tests.ipynb")
    (cell,) = [c["source"] for c in unfolded(notebook) if "```python" in c["source"]]
    example = (home / "examples" / "reply_desk" / "tests" / "test_reply_desk.py").read_text(
        encoding="utf-8"
    )
    for quoted in cell.split("```python\n")[1].split("```")[0].split("\n\n\n"):
        assert quoted.strip() in example
