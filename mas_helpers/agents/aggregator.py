"""Lesson 05: one report out of several perspectives, every claim traced by code."""

from __future__ import annotations

from pydantic import BaseModel

from .agent import AgentLike


class Quote(BaseModel):
    """Words of a perspective, as they stand there."""

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
    """A text without what typing changes: letter case and white space."""
    return " ".join(text.casefold().split())


def find_untraced(report: Report, perspectives: dict[str, str]) -> list[str]:
    """What keeps a report from being traced to its perspectives, in words; `[]` when all of it can
    be.
    """
    entries = [(f.claim, f.quotes, 1, "rests on no perspective") for f in report.findings]
    entries += [(c.about, c.quotes, 2, "shows fewer than two sides") for c in report.contradictions]
    problems = []
    for claim, quotes, needed, too_few in entries:
        if len({quote.perspective for quote in quotes}) < needed:
            problems.append(f"{claim!r} {too_few}")
        for quote in quotes:
            words, source = normalize(quote.words), quote.perspective
            if not words or words not in normalize(perspectives.get(source, "")):
                not_there = f"with words that are not there: {quote.words!r}"
                problems.append(f"{claim!r} quotes {source} {not_there}")
    claims = [finding.claim for finding in report.findings]
    known = list(map(normalize, claims))
    problems += [f"{c!r} is there twice" for i, c in enumerate(claims) if known[i] in known[:i]]
    quoted = {quote.perspective for _, quotes, *_ in entries for quote in quotes}
    return problems + [f"{name} is left out" for name in perspectives if name not in quoted]


class UntraceableReport(Exception):
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
    report = await aggregator.parse(f"{question}\n\n{texts}", Report)
    if problems := find_untraced(report, perspectives):
        raise UntraceableReport(problems, report)
    return report
