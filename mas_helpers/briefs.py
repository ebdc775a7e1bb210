"""A brief: the text, the sources that it rests on, who objected to what, and what a reader must know beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import BaseModel

from .corpus import Fact
from .reports import folded


class Objection(BaseModel):
    """Words of a draft, as they stand there, and what is wrong with them."""

    words: str
    reason: str


class FactCheck(BaseModel):
    """The objections of one reader; none means that every sentence holds."""

    objections: list[Objection]


@dataclass(frozen=True)
class Research:
    """What is known on one topic. `failed` says why its researcher gave nothing; then `earlier` dates older facts."""

    topic: str
    facts: list[Fact]
    gaps: list[str]
    left_out: list[str] = field(default_factory=list)  # facts whose words are not in their document
    failed: str = ""
    earlier: str = ""


@dataclass(frozen=True)
class Draft:
    """A text and the objections to it, under the name of who objects. `unchecked` says why a verdict is missing."""

    text: str
    objections: dict[str, list[Objection]]
    unchecked: str = ""


@dataclass(frozen=True)
class Brief:
    """An answer with its whole history: the research, and every draft, of which the last one counts."""

    question: str
    research: list[Research]
    drafts: list[Draft]

    @property
    def text(self) -> str:
        """The last draft."""
        return self.drafts[-1].text

    @property
    def sources(self) -> dict[int, tuple[Research, Fact]]:
        """What the numbers in the text mean: `{1: (Research(…), Fact(…)), …}`."""
        return dict(enumerate(((one, fact) for one in self.research for fact in one.facts), 1))

    @property
    def caveats(self) -> list[str]:
        """What a reader must know beside the text; `[]` for one that is checked, undisputed and whole."""
        said = [f"nothing on {r.topic!r}: {r.failed}" for r in self.research if r.failed and not r.facts]
        said += [f"facts of {r.earlier} on {r.topic!r}: {r.failed}" for r in self.research if r.failed and r.facts]
        said += [f"nothing was found on {r.topic!r}" for r in self.research if not (r.failed or r.facts or r.gaps)]
        said += [f"a fact was left out: {why}" for r in self.research for why in r.left_out]
        said += [f"not known: {gap}" for r in self.research for gap in r.gaps]
        last = self.drafts[-1]
        said += [f"not fact-checked: {last.unchecked}"] if last.unchecked else []
        standing = [(who, objection) for who, objections in last.objections.items() for objection in objections]
        return said + [f"{who} objects to {objection.words!r}: {objection.reason}" for who, objection in standing]


class NothingFound(Exception):
    """No researcher brought a fact, so there is nothing to write. `.research` says why, for each topic."""

    def __init__(self, research: list[Research]) -> None:
        self.research = research
        super().__init__(research)

    def __str__(self) -> str:
        reasons = [f"{one.topic}: {one.failed or '; '.join(one.gaps) or 'nothing found'}" for one in self.research]
        return "no source for any topic: " + "; ".join(reasons)


class Unwritten(Exception):
    """The writer failed. `.research` and the `.drafts` before it are paid for, and are here."""

    def __init__(self, reason: str, research: list[Research], drafts: list[Draft]) -> None:
        self.reason, self.research, self.drafts = reason, research, drafts
        super().__init__(reason, research, drafts)

    def __str__(self) -> str:
        return f"draft {len(self.drafts) + 1} was not written: {self.reason}"


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+", text.strip()) if sentence]


def uncited(text: str, count: int) -> list[Objection]:
    """An objection to each sentence that names no source, or one that is not there; `[missing]` needs none."""
    objections = []
    for sentence in sentences(text):
        numbers = [int(number) for number in re.findall(r"\[(\d{1,4})\]", sentence)]
        wrong = [number for number in numbers if not 1 <= number <= count]
        if wrong:
            objections.append(Objection(words=sentence, reason=f"there is no source [{wrong[0]}]"))
        elif not numbers and "[missing]" not in sentence:
            objections.append(Objection(words=sentence, reason="it names no source"))
    return objections


def uncited_words(text: str) -> str:
    """A text without its citations, and without what typing changes."""
    return folded(re.sub(r"\s*\[(\d+|missing)\]", "", text))


def misread(check: FactCheck, text: str) -> list[Objection]:
    """The objections to words that the text does not have, whatever its citations; `[]` where all are in it."""
    said = uncited_words(text)
    return [o for o in check.objections if not uncited_words(o.words) or uncited_words(o.words) not in said]


def source_list(research: list[Research]) -> str:
    """The numbered sources, and what is not known, as the writer and the fact-checker read them."""
    known = [(one, fact) for one in research for fact in one.facts]
    lines = [
        f'[{n}] {fact.claim} ({fact.document}{dated(one)}: "{fact.words}")' for n, (one, fact) in enumerate(known, 1)
    ]
    lines += [f"Not known: {gap}" for one in research for gap in one.gaps]
    lines += [f"Not known: {one.topic}" for one in research if not one.facts and not one.gaps]
    return "\n".join(["Sources:", *lines])


def dated(research: Research) -> str:
    return f", found on {research.earlier}" if research.earlier else ""


def to_mend(task: str, draft: Draft) -> str:
    """What the writer reads to mend a draft; `""` where there is nothing to mend."""
    objections = [f"- {o.words!r}: {o.reason}" for made in draft.objections.values() for o in made]
    heading = f"{task}\n\nYour last draft:\n{draft.text}\n\nObjections:"
    return "\n".join([heading, *objections]) if objections else ""


def audit_trail(brief: Brief) -> Iterator[tuple[str, str, str, str, str]]:
    """For each sentence of the text, its sources: `(sentence, "[2]", topic, document, words)`."""
    sources = brief.sources
    for sentence in sentences(brief.text):
        numbers = [int(number) for number in re.findall(r"\[(\d{1,4})\]", sentence)]
        known = [number for number in dict.fromkeys(numbers) if number in sources]
        for number in known:
            research, fact = sources[number]
            yield sentence, f"[{number}]", research.topic, fact.document, fact.words
        if not known:
            yield sentence, "", "", "", ""


def objections_to(brief: Brief) -> Iterator[tuple[int, str, str, str, str]]:
    """Who objected: `(draft, who, words, reason, "mended")`, or `"stands"` where the last draft has the words still."""
    for number, draft in enumerate(brief.drafts, 1):
        for who, objections in draft.objections.items():
            for objection in objections:
                stands = uncited_words(objection.words) in uncited_words(brief.text)
                yield number, who, objection.words, objection.reason, "stands" if stands else "mended"
