"""Lesson 05: one report out of several perspectives, every claim traced by code."""

from __future__ import annotations

import re

from pydantic import BaseModel

from .agent import AgentLike
from .failures import NoAnswer, answer_of


class Quote(BaseModel):
    """Words of a perspective, exactly as it has them."""

    perspective: str
    words: str


class Finding(BaseModel):
    """A claim, and the words that it rests on."""

    claim: str
    quotes: list[Quote]


class Contradiction(BaseModel):
    """What two perspectives see differently, and the words of each."""

    about: str
    quotes: list[Quote]


class Report(BaseModel):
    """What several perspectives say together."""

    findings: list[Finding]
    contradictions: list[Contradiction]


def normalize(text: str) -> str:
    """A text without differences that come from typing: letter case and white space."""
    return " ".join(text.casefold().split())


# A number as people write it, with its sign: 155,040 · 155 040 · -3.5 · 10:30 · 2025/26
NUMBER = re.compile(r"(?:(?<![^\s(])[-+−])?(?:\d{1,3}(?: \d{3})+(?!\d)|\d+)(?:[.,:/'’·]\d+)*")


def contains_words(text: str, words: str) -> bool:
    """True if the text contains the words, as whole words and whole numbers.

    Letter case and white space don't count. `5,040 passengers` isn't in "155,040 passengers".
    """
    text, words = normalize(text), normalize(words)
    if not re.search(r"\w", words):
        return False
    numbers = [match.span() for match in NUMBER.finditer(text)]

    def is_edge(place: int) -> bool:
        inside_word = re.fullmatch(r"\w\w", text[max(0, place - 1) : place + 1])
        return not inside_word and not any(begin < place < end for begin, end in numbers)

    found = re.finditer(f"(?={re.escape(words)})", text)
    starts = [match.start() for match in found]
    return any(is_edge(start) and is_edge(start + len(words)) for start in starts)


def quotes_of(report: Report) -> list[Quote]:
    """All quotes of a report, those of its contradictions included."""
    quotes = [quote for finding in report.findings for quote in finding.quotes]
    return quotes + [quote for one in report.contradictions for quote in one.quotes]


def find_unfounded(report: Report, perspectives: dict[str, str]) -> list[str]:
    """What does not rest on a perspective's words, in sentences."""
    problems = [f"{f.claim!r} rests on no perspective" for f in report.findings if not f.quotes]
    for one in report.contradictions:
        if len({quote.perspective for quote in one.quotes}) < 2:
            problems.append(f"{one.about!r} shows fewer than two sides")
    for quote in quotes_of(report):
        if not contains_words(perspectives.get(quote.perspective, ""), quote.words):
            problems.append(f"{quote.perspective} never said {quote.words!r}")
    return problems


def find_left_out(report: Report, perspectives: dict[str, str]) -> list[str]:
    """Who is not quoted, and what is claimed twice, in sentences."""
    quoted = {quote.perspective for quote in quotes_of(report)}
    claims = [normalize(one.claim) for one in report.findings]
    twice = [one.claim for i, one in enumerate(report.findings) if claims[i] in claims[:i]]
    missing = [f"{name} is left out" for name in perspectives if name not in quoted]
    return [*missing, *(f"{claim!r} is there twice" for claim in twice)]


def find_untraced(report: Report, perspectives: dict[str, str]) -> list[str]:
    """What keeps a report from being traced to its perspectives; `[]` when all of it can be."""
    return find_unfounded(report, perspectives) + find_left_out(report, perspectives)


class UntraceableReport(NoAnswer):
    """A report says what no perspective said, or leaves one out.

    `.problems` are in words, `.report` is as it came.
    """

    def __init__(self, problems: list[str], report: Report) -> None:
        self.problems, self.report = problems, report
        super().__init__(problems, report)

    def __str__(self) -> str:
        return "; ".join(self.problems)


async def aggregate(question: str, perspectives: dict[str, str], aggregator: AgentLike) -> Report:
    """One report out of several perspectives, claims traced by code. Raises UntraceableReport."""
    texts = "\n\n".join(f"Perspective {name}:\n{text}" for name, text in perspectives.items())
    report = await answer_of(aggregator, f"{question}\n\n{texts}", Report)
    if problems := find_untraced(report, perspectives):
        raise UntraceableReport(problems, report)
    return report
