"""Lesson 11: research, write, check, revise; who said this, and from where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from anthropic import APIError

from .agent import AgentLike, ReplyError
from .fact_checker import Draft, Research, fact_check, sentences, source_list, without_citations
from .parallel import fan_out
from .sources import Fact, Notes, find_unsupported


def revision_prompt(task: str, draft: Draft) -> str:
    """What the writer reads to revise a draft; `""` where nobody objects."""
    everybodys = [one for objections in draft.objections.values() for one in objections]
    heading = f"{task}\n\nYour last draft:\n{draft.text}\n\nObjections:"
    lines = [f"- {objection.words!r}: {objection.reason}" for objection in everybodys]
    return "\n".join([heading, *lines]) if lines else ""


async def research_topic(
    topic: str, researcher: AgentLike, documents: Mapping[str, str], earlier: Mapping[str, Research]
) -> Research:
    """The facts on a topic that documents say; if its researcher failed, those found earlier."""
    try:
        notes = await researcher.parse(topic, Notes)
        wrong = find_unsupported(notes.facts, documents)
        facts = [fact for i, fact in enumerate(notes.facts) if i not in wrong]
        if facts or not wrong:
            return Research(topic, facts, notes.gaps, left_out=list(wrong.values()))
        failed = "; ".join(wrong.values())
    except (ReplyError, APIError, TimeoutError) as error:
        failed = str(error) or type(error).__name__
    if topic not in earlier:
        return Research(topic, [], [], failed=failed)
    old = earlier[topic]
    gone, day = find_unsupported(old.facts, documents), old.earlier or "an unknown day"
    facts = [fact for i, fact in enumerate(old.facts) if i not in gone]
    return replace(old, facts=facts, left_out=list(gone.values()), failed=failed, earlier=day)


@dataclass(frozen=True)
class Brief:
    """An answer with its whole history: the research, and every draft, of which the last one
    counts.
    """

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
        """What a reader must know beside the text; `[]` if it is checked, undisputed and whole."""
        caveats = []
        for one in self.research:
            if one.failed and one.facts:
                caveats.append(f"facts of {one.earlier} on {one.topic!r}: {one.failed}")
            elif one.failed:
                caveats.append(f"nothing on {one.topic!r}: {one.failed}")
            elif not one.facts and not one.gaps:
                caveats.append(f"nothing was found on {one.topic!r}")
        left_out = [reason for one in self.research for reason in one.left_out]
        gaps = [gap for one in self.research for gap in one.gaps]
        caveats += [f"a fact was left out: {reason}" for reason in left_out]
        caveats += [f"not known: {gap}" for gap in gaps]
        last = self.drafts[-1]
        if last.unchecked:
            caveats.append(f"not fact-checked: {last.unchecked}")
        for critic, objections in last.objections.items():
            caveats += [f"{critic} objects to {one.words!r}: {one.reason}" for one in objections]
        return caveats


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
    """Who objected to what: `(draft, who, words, reason, fate)`.

    The fate is "fixed", or "stands" where the last draft still has the words.
    """
    final = without_citations(brief.text)
    for number, draft in enumerate(brief.drafts, 1):
        for who, objections in draft.objections.items():
            for one in objections:
                fate = "stands" if without_citations(one.words) in final else "fixed"
                yield number, who, one.words, one.reason, fate


class NoFactsFound(Exception):
    """No researcher brought a fact, so there is nothing to write.

    `.research` says why, for each topic.
    """

    def __init__(self, research: list[Research]) -> None:
        self.research = research
        super().__init__(research)

    def __str__(self) -> str:
        reasons = [
            f"{one.topic}: {one.failed or '; '.join(one.gaps) or 'nothing found'}"
            for one in self.research
        ]
        return "no source for any topic: " + "; ".join(reasons)


class WriterFailed(Exception):
    """The writer failed. `.research` and the `.drafts` before it are paid for, and are here."""

    def __init__(self, reason: str, research: list[Research], drafts: list[Draft]) -> None:
        self.reason, self.research, self.drafts = reason, research, drafts
        super().__init__(reason, research, drafts)

    def __str__(self) -> str:
        return f"draft {len(self.drafts) + 1} was not written: {self.reason}"


async def coordinate(
    question: str,
    topics: list[str],
    researcher: AgentLike,
    writer: AgentLike,
    checker: AgentLike,
    documents: Mapping[str, str],
    *,
    rounds: int = 2,
    earlier: Mapping[str, Research] | None = None,
) -> Brief:
    """A brief on the question: topics researched at once, then a text written and checked, `rounds`
    times at most.

    The writer is critical: WriterFailed. Of the researchers one must bring a fact: NoFactsFound.
    All else degrades, and `.caveats` says so. earlier: for a researcher that fails, what an earlier
    run found on its topic.
    """
    if rounds < 1:
        raise ValueError(f"rounds={rounds}: without a round nothing is written")
    jobs = {
        topic: research_topic(topic, researcher, documents, earlier or {})
        for topic in dict.fromkeys(topics)
    }
    research = list((await fan_out(jobs)).values())
    if not any(one.facts for one in research):
        raise NoFactsFound(research)
    prompt = task = f"Question: {question}\n\n{source_list(research)}"
    drafts: list[Draft] = []
    while len(drafts) < rounds and prompt:
        try:
            text = await writer.run(prompt)
        except (ReplyError, APIError, TimeoutError) as error:
            raise WriterFailed(str(error) or type(error).__name__, research, drafts) from error
        drafts.append(await fact_check(text, research, checker))
        prompt = revision_prompt(task, drafts[-1])
    return Brief(question, research, drafts)
