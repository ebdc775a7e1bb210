"""The checks of 24_frameworks reject the wrong answers that people give, in words."""

from types import SimpleNamespace

import pytest

from mas_helpers import agent_span
from mas_helpers.agents import NoAnswer

NAMES = ("data", "summary", "code")


async def ask_with(system, *lost):
    def worker(name):
        async def work(task):
            if name in lost:
                raise RuntimeError("down")
            return f"<{name}>"

        return work

    return await system({name: worker(name) for name in NAMES})


async def one_broken_run(system):
    try:
        return "missing: data" in await ask_with(system, "data")
    except RuntimeError:
        return True


async def never_healthy(system):
    for name in NAMES:
        try:
            if f"missing: {name}" not in await ask_with(system, name):
                return False
        except Exception:
            continue
    return True


async def an_answer_at_any_price(system):
    try:
        return "missing: data" in await ask_with(system, "data")
    except Exception:
        return False


async def no_verdict(system):
    return await ask_with(system)


async def only_the_healthy_run(system):
    try:
        return "missing" not in await ask_with(system)
    except Exception:
        return False


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (one_broken_run, "A system may raise: that's an outcome too"),
        (never_healthy, "Fail two at once as well"),
        (an_answer_at_any_price, "raising is allowed, too"),
        (no_verdict, "Return True or False."),
        (only_the_healthy_run, "Its answer lacks a part"),
    ],
)
def test_a_test_that_lets_gaps_through(graded, answer, said):
    result = graded("24_frameworks", "names_gaps", answer)
    assert result.passed is False and said in str(result)


def unknown_is_best(rows, most, needs):
    fits = lambda row: all((row.get(key) or 0) <= limit for key, limit in most.items())  # noqa: E731
    return [name for name, row in rows.items() if fits(row) and all(map(row.get, needs))]


def measured_zero_is_unknown(rows, most, needs):
    fits = lambda row: all(row.get(key) and row[key] <= most[key] for key in most)  # noqa: E731
    return [name for name, row in rows.items() if fits(row) and all(map(row.get, needs))]


def needs_forgotten(rows, most, needs):
    known = lambda row, key: row.get(key) is not None  # noqa: E731
    return [
        name
        for name, row in rows.items()
        if all(known(row, key) and row[key] <= most[key] for key in most)
    ]


def empties_the_rows(rows, most, needs):
    answer = [n for n, row in rows.items() if all(row.get(k, 999) <= v for k, v in most.items())]
    rows.clear()
    return answer


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (unknown_is_best, "None means that nobody measured it"),
        (measured_zero_is_unknown, "a value that equals its limit keeps it"),
        (needs_forgotten, "no yes"),
        (empties_the_rows, "Leave the rows as they were."),
        (lambda rows, most, needs: "osprey", "Return a list."),
    ],
)
def test_a_choice_that_breaks_its_limits(graded, answer, said):
    result = graded("24_frameworks", "choose", answer)
    assert result.passed is False and said in str(result)


def adapted(ask):
    def adapt(bot, name):
        async def run(prompt):
            return await ask(bot, name, prompt)

        return SimpleNamespace(name=name, run=run)

    return adapt


async def without_a_span(bot, name, prompt):
    try:
        said = await bot.ainvoke({"input": prompt})
    except bot.Error as error:
        raise NoAnswer(str(error)) from error
    if said["error"] is not None or not said["output"].strip():
        raise NoAnswer(said["error"] or "nothing")
    return said["output"]


async def output_alone(bot, name, prompt):
    with agent_span(name):
        return (await bot.ainvoke({"input": prompt}))["output"]


async def bugs_are_gaps(bot, name, prompt):
    try:
        return await without_a_span(bot, name, prompt)
    except Exception as error:
        raise NoAnswer(str(error)) from error


async def asks_twice(bot, name, prompt):
    await bot.ainvoke({"input": prompt})
    return await output_alone(bot, name, prompt)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (adapted(without_a_span), "Ask inside `with agent_span(name):`"),
        (adapted(output_alone), 'its "output" is no answer'),
        (adapted(bugs_are_gaps), "any other error is a bug"),
        (adapted(asks_twice), "Ask it once"),
        (lambda bot, name: bot, "Return an object with `run`."),
        (lambda bot, name: SimpleNamespace(run=print), "Systems ask an agent for its name."),
    ],
)
def test_an_agent_of_theirs_that_does_not_fit(graded, answer, said):
    result = graded("24_frameworks", "adapt", answer)
    assert result.passed is False and said in str(result)
