"""The checks of 05_aggregator reject the wrong answers that people give, in words."""

import re

import pytest

from mas_helpers import aggregate
from mas_helpers.agents import Report, UntraceableReport, normalize


async def asks_always_twice(question, perspectives, aggregator):
    await _quiet(question, perspectives, aggregator)
    return await aggregate(question, perspectives, aggregator)


async def _quiet(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        return error.report


async def gives_up(question, perspectives, aggregator):
    return await aggregate(question, perspectives, aggregator)


async def takes_the_untraceable_one(question, perspectives, aggregator):
    return await _quiet(question, perspectives, aggregator)


async def names_no_problem(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport:
        return await aggregate(question, perspectives, aggregator)


async def names_the_first_problem(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        return await aggregate(f"{question}\n{error.problems[0]}", perspectives, aggregator)


async def sends_only_the_problems(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        return await aggregator.parse(f"{question}\nMend this: {error}", Report)


async def forgets_the_question(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        return await aggregate(str(error), perspectives, aggregator)


async def trusts_the_second(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        texts = "\n".join(perspectives.values())
        return await aggregator.parse(f"{question}\n{error}\n{texts}", Report)


async def never_stops(question, perspectives, aggregator):
    asked = question
    while True:
        try:
            return await aggregate(asked, perspectives, aggregator)
        except UntraceableReport as error:
            asked = f"{question}\n{error}"


async def raises_the_first_error_again(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        try:
            return await aggregate(f"{question}\n{error}", perspectives, aggregator)
        except UntraceableReport:
            raise error from None


async def catches_everything(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except Exception as error:
        return await aggregate(f"{question}\n{error}", perspectives, aggregator)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (asks_always_twice, "a report that is traced: calls made"),
        (gives_up, "the first is untraceable: what is raised"),
        (takes_the_untraceable_one, "the first is untraceable: calls made"),
        (names_no_problem, "put every entry into the prompt"),
        (names_the_first_problem, "put every entry into the prompt"),
        (sends_only_the_problems, "yours:    ['the question']"),
        (forgets_the_question, "yours:    ['swimmers', 'guards']"),
        (trusts_the_second, "The second report must be traced too"),
        (never_stops, "Once more at most"),
        (raises_the_first_error_again, "Let the second error propagate"),
        (catches_everything, "Catch UntraceableReport alone"),
        (
            lambda question, perspectives, aggregator: None if question else 1,
            "Begin it with `async def`.",
        ),
    ],
)
def test_wrong_second_reports(graded, answer, words):
    result = graded("05_aggregator", "aggregate_again", answer)
    assert result.passed is False
    assert words in str(result)


def _pairs(
    report, perspectives, *, fold=normalize, quoted=None, entries=lambda report: report.findings
):
    """The right answer, with one part of it replaced."""
    quoted = quoted or (lambda one: {quote.perspective for quote in one.quotes})
    return [
        (getattr(one, "claim", None) or one.about, name)
        for one in entries(report)
        for name, text in perspectives.items()
        if name not in quoted(one) and any(fold(quote.words) in fold(text) for quote in one.quotes)
    ]


def compares_as_typed(report, perspectives):
    return _pairs(report, perspectives, fold=str)


def flags_the_quoted_too(report, perspectives):
    return _pairs(report, perspectives, quoted=lambda one: set())


def knows_the_first_quote_only(report, perspectives):
    return _pairs(report, perspectives, quoted=lambda one: {one.quotes[0].perspective})


def looks_at_contradictions_too(report, perspectives):
    return _pairs(
        report, perspectives, entries=lambda report: [*report.findings, *report.contradictions]
    )


def a_pair_for_each_quote(report, perspectives):
    return [
        (one.claim, name)
        for one in report.findings
        for quote in one.quotes
        for name, text in perspectives.items()
        if name not in {q.perspective for q in one.quotes}
        and normalize(quote.words) in normalize(text)
    ]


def claims_without_names(report, perspectives):
    return [claim for claim, _ in _pairs(report, perspectives)]


def everything_that_rests_on_one(report, perspectives):
    return [
        (one.claim, one.quotes[0].perspective) for one in report.findings if len(one.quotes) == 1
    ]


def a_set(report, perspectives):
    return set(_pairs(report, perspectives))


def only_the_first_finding(report, perspectives):
    return _pairs(report, perspectives, entries=lambda report: report.findings[:1])


def by_perspective(report, perspectives):
    return [
        pair for name in perspectives for pair in _pairs(report, perspectives) if pair[1] == name
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (compares_as_typed, "Compare normalize(quote.words) with normalize(text)"),
        (flags_the_quoted_too, "words of one perspective alone"),
        (knows_the_first_quote_only, "The finding quotes b already"),
        (looks_at_contradictions_too, "a contradiction has its sides already"),
        (a_pair_for_each_quote, "One pair for a claim and a perspective"),
        (claims_without_names, "pairs are (claim, perspective)"),
        (everything_that_rests_on_one, "Nobody but c has these words"),
        (a_set, "yours:    set()"),
        (only_the_first_finding, "Each finding for itself"),
        (by_perspective, "in the order of the report"),
    ],
)
def test_wrong_overlooked_ones(graded, answer, words):
    result = graded("05_aggregator", "overlooked", answer)
    assert result.passed is False
    assert words in str(result)


def _count(
    report, perspectives, *, fold=normalize, mine=True, findings_only=False, each_quote=False
):
    """The right answer, with one part of it replaced."""
    entries = report.findings if findings_only else [*report.findings, *report.contradictions]
    quotes = [quote for entry in entries for quote in entry.quotes]
    counts = {}
    for name, text in perspectives.items():
        whole = [fold(sentence) for sentence in re.split(r"(?<=[.!?])\s+", text)]
        words = [fold(quote.words) for quote in quotes if not mine or quote.perspective == name]
        hits = [sum(said in sentence for said in words) for sentence in whole]
        counts[name] = (sum(hits) if each_quote else sum(map(bool, hits)), len(whole))
    return counts


def counts_quotes(report, perspectives):
    return _count(report, perspectives, each_quote=True)


def whoever_says_it(report, perspectives):
    return _count(report, perspectives, mine=False)


def as_typed(report, perspectives):
    return _count(report, perspectives, fold=str)


def without_contradictions(report, perspectives):
    return _count(report, perspectives, findings_only=True)


def only_those_quoted(report, perspectives):
    return {name: count for name, count in _count(report, perspectives).items() if count[0]}


def without_the_total(report, perspectives):
    return {name: count[0] for name, count in _count(report, perspectives).items()}


def shares(report, perspectives):
    return {name: count[0] / count[1] for name, count in _count(report, perspectives).items()}


def splits_at_full_stops(report, perspectives):
    return {name: (count[0], text.count(".")) for (name, text), count in zip(
        perspectives.items(), _count(report, perspectives).values(), strict=True
    )}  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (counts_quotes, "Count sentences, not quotes."),
        (whoever_says_it, "Only for the perspective that is quoted"),
        (as_typed, "normalize(…) on both"),
        (without_contradictions, "Quotes of contradictions count"),
        (only_those_quoted, "(0, how many it has)"),
        (without_the_total, "Two numbers for each"),
        (shares, "Two numbers for each"),
        (splits_at_full_stops, "gives the sentences of a text"),
    ],
)
def test_wrong_counts_of_use(graded, answer, words):
    result = graded("05_aggregator", "used", answer)
    assert result.passed is False
    assert words in str(result)
