"""The checks of 09_sources reject the wrong answers that people give, in words."""

import hashlib
import itertools
import random
import secrets
import time
import uuid

import pytest

from mas_helpers.agents import find_unsupported


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


def names_the_first_of_all(facts, documents, refused):
    return _sourced(facts, documents, refused, said=f"{{document}} is {(refused or [''])[0]}")


def reasons_that_are_no_text(facts, documents, refused):
    reasons = _sourced(facts, documents, refused)
    return {i: (facts[i].document, reason) for i, reason in reasons.items()}


def numbers_as_text(facts, documents, refused):
    return {str(i): reason for i, reason in _sourced(facts, documents, refused).items()}


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
        (forgets_inventions, "What find_unsupported says stays"),
        (names_no_kind, "The reason names the kind of this fact's document"),
        (names_the_first_of_all, "two kinds are refused: the kinds named at place 2"),
        (reasons_that_are_no_text, "A reason is a text"),
        (numbers_as_text, "the places that have a reason"),
        (a_list, "a dict like that of find_unsupported"),
        (the_title, "up to the first comma"),
        (fewer_documents, "The reason names the kind of this fact's document"),
        (looks_up_what_is_not_there, "KeyError"),
        (
            lambda facts, documents, refused: find_unsupported(facts, documents),
            "visitor comments are refused",
        ),
        (sourced_async, "nothing is awaited here"),
    ],
)
def test_wrong_sources(graded, answer, words):
    result = graded("09_sources", "sourced", answer)
    assert result.passed is False
    assert words in str(result)


def a_fixed_mark(text):
    return f"-----BEGIN DOCUMENT-----\n{text}\n-----BEGIN DOCUMENT-----"


def begin_and_end(text):
    mark = secrets.token_hex(16)
    return f"BEGIN {mark}\n{text}\nEND {mark}"


def strips_the_text(text):
    mark = secrets.token_hex(16)
    return f"{mark}\n{text.strip()}\n{mark}"


def a_short_mark(text):
    mark = secrets.token_hex(3)
    return f"{mark}\n{text}\n{mark}"


def computed_from_the_text(text):
    mark = hashlib.sha256(text.encode()).hexdigest()
    return f"{mark}\n{text}\n{mark}"


NUMBERS = itertools.count(1)
ONCE = secrets.token_hex(16)


def drawn_once(text):
    return f"{ONCE}\n{text}\n{ONCE}"


def drawn_by_random(text):
    mark = f"{random.getrandbits(128):032x}"
    return f"{mark}\n{text}\n{mark}"


def counted(text):
    mark = f"document {next(NUMBERS):016}"
    return f"{mark}\n{text}\n{mark}"


def by_the_clock(text):
    mark = f"at {time.time_ns()}"
    return f"{mark}\n{text}\n{mark}"


def sometimes_short(text):
    mark = secrets.token_hex(8)[: 16 - (next(NUMBERS) % 7 == 0)]
    return f"{mark}\n{text}\n{mark}"


def only_above(text):
    return f"{secrets.token_hex(16)}\n{text}"


def takes_the_lines_out(text):
    mark = secrets.token_hex(16)
    return f"{mark}\n{' '.join(text.split())}\n{mark}"


def prints_it(text):
    print(text)


async def marked_async(text):
    return text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (a_fixed_mark, "Another mark for each call"),
        (begin_and_end, "The same mark above and below."),
        (strips_the_text, "a text with empty lines around it"),
        (a_short_mark, "32 characters"),
        (computed_from_the_text, "Another mark for each call"),
        (drawn_once, "draw it inside the function"),
        (drawn_by_random, "can compute what `random` gives"),
        (counted, "A counter or a clock can be worked out"),
        (by_the_clock, "A counter or a clock can be worked out"),
        (sometimes_short, "16 characters or more, every time"),
        (only_above, "a mark, the text, a mark"),
        (takes_the_lines_out, "a mark, the text, a mark"),
        (prints_it, "Does it `return` what it has?"),
        (marked_async, "nothing is awaited here"),
    ],
)
def test_wrong_marks(graded, answer, words):
    result = graded("09_sources", "marked", answer)
    assert result.passed is False
    assert words in str(result)


def by_uuid(text):
    return "\n".join([mark := str(uuid.uuid4()), text, mark])


def until_it_is_not_in_the_text(text):
    while (mark := f"untrusted {secrets.token_urlsafe(24)}") in text:
        pass
    return mark + "\n" + text + "\n" + mark


@pytest.mark.parametrize("answer", [by_uuid, until_it_is_not_in_the_text])
def test_right_marks(graded, answer):
    assert graded("09_sources", "marked", answer).passed
