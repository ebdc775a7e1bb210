"""The checks of 08_tools reject the wrong answers that people give, in words."""

import asyncio
import contextlib
import json

import pytest
from anthropic.lib.tools import ToolError

from mas_helpers.agents import run_tools
from mas_helpers.agents.tools import run_tool

COUNTS = {2023: 181_900, 2024: 182_400, 2025: 155_040}

THERE_ARE = "There are: 2023, 2024, 2025."


def no_docstring(year: int) -> int:
    if year not in COUNTS:
        raise ToolError(THERE_ARE)
    return COUNTS[year]


def no_types(year):
    """The passengers of one year.

    Args:
        year: a calendar year
    """
    if year not in COUNTS:
        raise ToolError(THERE_ARE)
    return COUNTS[year]


def year_as_a_text(year: str) -> int:
    """The passengers of one year.

    Args:
        year: a calendar year
    """
    return COUNTS[int(year)]


def year_not_described(year: int) -> int:
    """The passengers of one year."""
    if year not in COUNTS:
        raise ToolError(THERE_ARE)
    return COUNTS[year]


def a_usual_year(year: int = 2025) -> int:
    """The passengers of one year.

    Args:
        year: a calendar year
    """
    return COUNTS[year]


def key_error(year: int) -> int:
    """The passengers of one year.

    Args:
        year: a calendar year
    """
    return COUNTS[year]


def value_error(year: int) -> int:
    """The passengers of one year.

    Args:
        year: a calendar year
    """
    if year not in COUNTS:
        raise ValueError(THERE_ARE)
    return COUNTS[year]


def returns_the_error(year: int) -> int | str:
    """The passengers of one year.

    Args:
        year: a calendar year
    """
    return COUNTS.get(year, THERE_ARE)


def names_no_year(year: int) -> int:
    """The passengers of one year.

    Args:
        year: a calendar year
    """
    if year not in COUNTS:
        raise ToolError(f"There is no count for {year}.")
    return COUNTS[year]


def always_the_last(year: int) -> int:
    """The passengers of one year.

    Args:
        year: a calendar year
    """
    return COUNTS[2025]


def prints_it(year: int) -> None:
    """The passengers of one year.

    Args:
        year: a calendar year
    """
    COUNTS[year]


def other_name(jahr: int) -> int:
    """The passengers of one year.

    Args:
        jahr: a calendar year
    """
    return COUNTS[jahr]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (no_docstring, "all that the model knows of it"),
        (no_types, "year: int"),
        (year_as_a_text, "the type of year in the schema"),
        (year_not_described, "a line `Args:`"),
        (a_usual_year, "there is no usual year"),
        (key_error, "Only a ToolError speaks to the model"),
        (value_error, "Only a ToolError speaks to the model"),
        (returns_the_error, "A returned text passes for a result"),
        (names_no_year, "Name every year of COUNTS"),
        (always_the_last, "passengers in 2023: what the model reads"),
        (prints_it, "return the number"),
        (other_name, "its arguments"),
        (COUNTS, "write it with `def`"),
    ],
)
def test_wrong_passengers(graded, answer, words):
    result = graded("08_tools", "passengers", answer)
    assert result.passed is False
    assert words in str(result)


def _key(call):
    return call.name, json.dumps(call.input, sort_keys=True)


def _again(call, error=True):
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "You asked that before."}
    return result | ({"is_error": True} if error else {})


async def _fresh(
    message, kit, seen, *, key=_key, at_once=True, marked=True, noted=True, left_out=False
):
    """The right answer, with one part of it replaced."""

    async def one(call, repeated):
        return _again(call, marked) if repeated else await run_tool(call, kit)

    jobs, before = [], set(seen)
    for call in [block for block in message.content if block.type == "tool_use"]:
        repeated = key(call) in (seen if noted else before)
        seen.add(key(call))
        if not (repeated and left_out):
            jobs.append(one(call, repeated))
    content = await asyncio.gather(*jobs) if at_once else [await job for job in jobs]
    return {"role": "user", "content": list(content)}


async def runs_everything(message, kit, seen):
    return await run_tools(message, kit)


async def one_after_the_other(message, kit, seen):
    return await _fresh(message, kit, seen, at_once=False)


async def leaves_repetitions_out(message, kit, seen):
    return await _fresh(message, kit, seen, left_out=True)


async def no_error_mark(message, kit, seen):
    return await _fresh(message, kit, seen, marked=False)


async def notes_at_the_end(message, kit, seen):
    return await _fresh(message, kit, seen, noted=False)


async def by_name_only(message, kit, seen):
    return await _fresh(message, kit, seen, key=lambda call: call.name)


async def by_arguments_only(message, kit, seen):
    return await _fresh(message, kit, seen, key=lambda call: json.dumps(call.input, sort_keys=True))


async def as_written(message, kit, seen):
    return await _fresh(message, kit, seen, key=lambda call: (call.name, str(call.input)))


async def values_only(message, kit, seen):
    return await _fresh(
        message, kit, seen, key=lambda call: (call.name, *sorted(call.input.values()))
    )


async def by_id(message, kit, seen):
    return await _fresh(message, kit, seen, key=lambda call: call.id)


async def repetitions_last(message, kit, seen):
    answer = await _fresh(message, kit, seen)
    answer["content"].sort(key=lambda result: result.get("is_error", False))
    return answer


async def a_bare_list(message, kit, seen):
    return (await _fresh(message, kit, seen))["content"]


EVER = set()


async def a_set_of_its_own(message, kit, seen):
    return await _fresh(message, kit, EVER)


async def returns_nothing(message, kit, seen):
    await _fresh(message, kit, seen)


async def stops_at_a_broken_tool(message, kit, seen):
    calls = [block for block in message.content if block.type == "tool_use"]
    new = [call for call in calls if _key(call) not in seen]
    answer = await _fresh(message, kit, seen)
    if any(call.name == "snap" for call in new):
        answer["content"] = [result | {"is_error": True} for result in answer["content"]]
    return answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (runs_everything, "wind again in the next message: tools that ran"),
        (one_after_the_other, "2, 4 and 3 s at once are 4 s"),
        (leaves_repetitions_out, "The API wants a result for each call"),
        (no_error_mark, "wind again in the next message: is_error"),
        (notes_at_the_end, "fog twice in one message: tools that ran"),
        (by_name_only, "three new calls: tools that ran"),
        (by_arguments_only, "Another tool with the same arguments"),
        (as_written, "sort_keys=True"),
        (values_only, "names and values belong together"),
        (by_id, "wind again in the next message: tools that ran"),
        (repetitions_last, "in the order asked, also for those that were not run"),
        (a_bare_list, "a user's message with a list of results"),
        (a_set_of_its_own, "tools that ran"),
        (returns_nothing, "a user's message with a list of results"),
        (stops_at_a_broken_tool, "one tool breaks: is_error"),
        (lambda message, kit, seen: None if message else 1, "Begin it with `async def`."),
    ],
)
def test_wrong_fresh_results(graded, answer, words):
    EVER.clear()
    result = graded("08_tools", "fresh_results", answer)
    assert result.passed is False
    assert words in str(result)


async def _in_turn(message, kit, is_held):
    """The results in the order asked; the calls that `is_held` says run under one lock."""
    lock = asyncio.Lock()

    async def one(call):
        async with lock if is_held(call) else contextlib.nullcontext():
            return await run_tool(call, kit)

    calls = [block for block in message.content if block.type == "tool_use"]
    return {"role": "user", "content": await asyncio.gather(*map(one, calls))}


async def all_at_once(message, kit, changing):
    return await _in_turn(message, kit, lambda call: False)


async def all_one_by_one(message, kit, changing):
    return await _in_turn(message, kit, lambda call: True)


async def only_book(message, kit, changing):
    return await _in_turn(message, kit, lambda call: call.name == "book")


async def by_what_the_tool_is_called(message, kit, changing):
    return await _in_turn(message, kit, lambda call: call.name in ("book", "cancel"))


async def what_changes_first(message, kit, changing):
    calls = [block for block in message.content if block.type == "tool_use"]
    results = {c.id: await run_tool(c, kit) for c in calls if c.name in changing}
    rest = [call for call in calls if call.name not in changing]
    done = await asyncio.gather(*(run_tool(call, kit) for call in rest))
    results |= {call.id: result for call, result in zip(rest, done, strict=True)}
    return {"role": "user", "content": [results[call.id] for call in calls]}


async def every_block_is_a_call(message, kit, *names):
    results = [await run_tool(block, kit) for block in message.content]
    return {"role": "user", "content": results}


async def what_changes_last_in_the_list(message, kit, changing):
    answer = await _in_turn(message, kit, lambda call: call.name in changing)
    answer["content"].sort(key=lambda result: "book" in result["content"])
    return answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (all_at_once, "book twice: the most that ran at once"),
        (all_one_by_one, "two that only read: when each began"),
        (only_book, "one lock for all of them"),
        (by_what_the_tool_is_called, "here it is look"),
        (what_changes_first, "The others don't wait for those that change something"),
        (what_changes_last_in_the_list, "in the order asked"),
        (every_block_is_a_call, 'Only blocks whose type is "tool_use" are calls'),
        (lambda message, kit, changing: {"role": "user", "content": []}, "Begin it with `async"),
    ],
)
def test_wrong_results_in_turn(graded, answer, words):
    result = graded("08_tools", "results_in_turn", answer)
    assert result.passed is False
    assert words in str(result)
