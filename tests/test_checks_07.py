"""The checks of 07_tools reject the wrong answers that people give, in words."""

import asyncio
import json

import pytest
from anthropic.lib.tools import ToolError

from mas_helpers.agents import find_unsupported, run_tools
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
        (names_no_year, "Name them all"),
        (always_the_last, "passengers in 2023: what the model reads"),
        (prints_it, "return the number"),
        (other_name, "its arguments"),
        (COUNTS, "a plain function"),
    ],
)
def test_wrong_passengers(graded, answer, words):
    result = graded("07_tools", "passengers", answer)
    assert result.passed is False
    assert words in str(result)


def _sourced(
    facts,
    documents,
    refused,
    *,
    kind=None,
    same=None,
    kept=True,
    said="{document} is no source: {kind}",
):
    """The right answer, with one part of it replaced."""
    kind = kind or (lambda text: text.splitlines()[2].split(",")[0])
    same = same or (lambda kind, unwanted: kind.casefold() == unwanted.casefold())
    reasons = find_unsupported(facts, documents) if kept else {}
    for i, fact in enumerate(facts):
        if i not in reasons and fact.document in documents:
            found = kind(documents[fact.document])
            if any(same(found, unwanted) for unwanted in refused):
                reasons[i] = said.format(document=fact.document, kind=found)
    return reasons


def anywhere_in_the_text(facts, documents, refused):
    return _sourced(
        facts,
        documents,
        refused,
        kind=str,
        same=lambda text, kind: kind.casefold() in text.casefold(),
    )


def anywhere_in_the_line(facts, documents, refused):
    line = lambda text: text.splitlines()[2]  # noqa: E731
    return _sourced(
        facts,
        documents,
        refused,
        kind=line,
        same=lambda text, kind: kind.casefold() in text.casefold(),
    )


def the_beginning_of_the_line(facts, documents, refused):
    line = lambda text: text.splitlines()[2].casefold()  # noqa: E731
    return _sourced(
        facts,
        documents,
        refused,
        kind=line,
        same=lambda line, kind: line.startswith(kind.casefold()),
    )


def as_typed(facts, documents, refused):
    return _sourced(facts, documents, refused, same=lambda found, unwanted: found == unwanted)


def the_first_kind_only(facts, documents, refused):
    return _sourced(facts, documents, refused[:1])


def forgets_inventions(facts, documents, refused):
    return _sourced(facts, documents, refused, kept=False)


def names_no_kind(facts, documents, refused):
    return _sourced(facts, documents, refused, said="{document} is no source")


def a_list(facts, documents, refused):
    return list(_sourced(facts, documents, refused).values())


def the_title(facts, documents, refused):
    return _sourced(facts, documents, refused, kind=lambda text: text.splitlines()[0].lstrip("# "))


def fewer_documents(facts, documents, refused):
    left = {
        name: text for name, text in documents.items() if not any(kind in text for kind in refused)
    }
    return find_unsupported(facts, left)


def looks_up_what_is_not_there(facts, documents, refused):
    kinds = [documents[fact.document].splitlines()[2].split(",")[0].casefold() for fact in facts]
    unwanted = [kind.casefold() for kind in refused]
    return find_unsupported(facts, documents) | {
        i: f"kind: {kind}" for i, kind in enumerate(kinds) if kind in unwanted
    }


async def sourced_async(facts, documents, refused):
    return _sourced(facts, documents, refused)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (anywhere_in_the_text, "two kinds are refused"),
        (anywhere_in_the_line, "an annual report is no report here"),
        (the_beginning_of_the_line, "nor is a report card"),
        (as_typed, "casefold() both"),
        (the_first_kind_only, "Every kind in the list is refused"),
        (forgets_inventions, "What invented says stays"),
        (names_no_kind, "the reason names the kind"),
        (a_list, "a dict like that of invented"),
        (the_title, "up to the first comma"),
        (fewer_documents, "the reason names the kind"),
        (looks_up_what_is_not_there, "KeyError"),
        (
            lambda facts, documents, refused: find_unsupported(facts, documents),
            "visitor comments are refused",
        ),
        (sourced_async, "Nothing is awaited here"),
    ],
)
def test_wrong_sources(graded, answer, words):
    result = graded("07_tools", "sourced", answer)
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
    result = graded("07_tools", "fresh_results", answer)
    assert result.passed is False
    assert words in str(result)
