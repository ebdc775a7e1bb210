"""Lesson 10 (evaluator-optimizer): a check that can fail, by code and by a second
reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pydantic import BaseModel

from .agent import AgentLike
from .aggregator import contains_words, normalize
from .failures import FAILURES, answer_of, is_blank, reason_for
from .sources import Fact


@dataclass(frozen=True)
class Research:
    """What is known on one topic.

    `failed` says why its researcher gave nothing; then `earlier` dates older facts and gaps.
    """

    topic: str
    facts: list[Fact]
    gaps: list[str]
    left_out: list[str] = field(default_factory=list)  # facts whose words are not in their document
    failed: str = ""
    earlier: str = ""
    new_gaps: list[str] = field(default_factory=list)  # of this run, beside those of an earlier one

    @property
    def unknown(self) -> list[str]:
        """What is not known, each in words: gaps, those of an earlier run with its date, and the
        topic itself where nothing was found on it.
        """
        day = f" (as of {self.earlier})" if self.earlier else ""
        gaps = [f"{gap.strip()}{day}" for gap in self.gaps if not is_blank(gap)]
        gaps += [gap.strip() for gap in self.new_gaps if not is_blank(gap)]
        return gaps if self.facts else [self.topic, *gaps]


def date_note(research: Research) -> str:
    """`", found on 2026-11-20"` for facts of an earlier run, else `""`."""
    return f", found on {research.earlier}" if research.earlier else ""


def source_list(research: list[Research]) -> str:
    """The numbered sources, and what is not known, as the writer and the fact-checker read them."""
    sources = [(one, fact) for one in research for fact in one.facts]
    lines = [
        f'[{number}] {fact.claim} ({fact.document}{date_note(one)}: "{fact.words}")'
        for number, (one, fact) in enumerate(sources, 1)
    ]
    lines += [f"Not known: {gap}" for one in research for gap in one.unknown]
    return "\n".join(["Sources:", *lines])


def sentences(text: str) -> list[str]:
    """The sentences of a text; one ends at a full stop, or with its line, unless the next line goes
    on in a small letter.
    """
    ends = r"(?<=[.!?…])\s+|(?<=[.!?…][\"'”’)])\s+|\n\s*\n\s*|\n\s*(?![a-z\s])"
    return [sentence for sentence in re.split(ends, text.strip()) if sentence]


def citations(text: str) -> list[str]:
    """The numbers that a text cites, as it writes them: `["2", "5"]`."""
    return re.findall(r"\[(\d+)\]", text)


class Objection(BaseModel):
    """Words of a draft, copied exactly, and what is wrong with them."""

    words: str
    reason: str


def find_uncited(text: str, count: int) -> list[Objection]:
    """An objection to each sentence that cites no source or a missing one, or says nothing."""
    objections, known = [], set(map(str, range(1, count + 1)))
    for sentence in sentences(text) or [""]:
        wrong = [number for number in citations(sentence) if number not in known]
        if wrong:
            objections.append(Objection(words=sentence, reason=f"there is no source [{wrong[0]}]"))
        elif not re.search(r"\w", re.sub(r"\[\w*\]", "", sentence)):
            objections.append(Objection(words=sentence, reason="it says nothing"))
        elif not citations(sentence) and "[missing]" not in sentence:
            objections.append(Objection(words=sentence, reason="it names no source"))
    return objections


class FactCheck(BaseModel):
    """The objections of one reader; none means that every sentence holds."""

    objections: list[Objection]


def without_citations(text: str) -> str:
    """A text without its citations, and without what typing changes."""
    return normalize(re.sub(r"\s*\[(\d+|missing)\]", "", text))


def find_misquoted(check: FactCheck, text: str) -> list[Objection]:
    """The objections to words that the text does not have, whatever its citations; `[]` where all
    are in it.
    """
    plain = without_citations(text)
    return [
        objection
        for objection in check.objections
        if not contains_words(plain, without_citations(objection.words))
    ]


@dataclass(frozen=True)
class Draft:
    """A text, and the objections to it by who made them."""

    text: str
    objections: dict[str, list[Objection]]
    unchecked: str = ""  # why a verdict is missing


async def fact_check(
    text: str, research: list[Research], checker: AgentLike, verdict: type[FactCheck] = FactCheck
) -> Draft:
    """The draft, with the objections of code and checker; one that fails hasn't agreed."""
    objections = {"code": find_uncited(text, sum(len(one.facts) for one in research))}
    try:
        prompt = f"Brief:\n{text}\n\n{source_list(research)}"
        check = await answer_of(checker, prompt, verdict)
    except FAILURES as error:
        return Draft(text, objections, reason_for(error))
    misquoted = find_misquoted(check, text)
    sound = [objection for objection in check.objections if objection not in misquoted]
    if sound or not misquoted:
        objections[checker.name] = [*objections.get(checker.name, []), *sound]
    reason = f"it objects to words that are not there: {misquoted[0].words!r}" if misquoted else ""
    return Draft(text, objections, reason)
